// Zeros where there should be data: what a download that broke off, or a disk that failed, leaves in the middle of a file. Compressed data look
// random, and have no long stretches of zeros.

/** Bytes `start` to `end` of a file. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** Zeros in a row, in bytes, from which on they may be the part of a file that was never written. */
const HOLE = 64;

/** The length of the longest stretch of zeros, in bytes; 0 if it is shorter than what counts as a hole. */
export function longestHole(bytes: Uint8Array, parts: readonly Stretch[]): number {
  let longest = 0;
  for (const { start, end } of parts)
    for (let at = start + HOLE / 2; at < end; at += HOLE / 2) {
      if (bytes[at] !== 0) continue;
      let from = at;
      while (from > start && bytes[from - 1] === 0) from--;
      while (at < end && bytes[at] === 0) at++;
      longest = Math.max(longest, at - from);
    }
  return longest < HOLE ? 0 : longest;
}
