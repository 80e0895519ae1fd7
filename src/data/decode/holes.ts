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

/** What systems read and write at once, in bytes: a part of a file that was never written begins and ends at a multiple of it. */
const PAGE = 4096;

/**
 * The length, in bytes, of zeros among the uncompressed pixels of `part` that begin and end at a multiple of 4096 in the file but not in a row, of
 * `rowLength` bytes. Black parts of a picture end there by chance once in millions of times.
 */
export function pageHole(bytes: Uint8Array, { start, end }: Stretch, rowLength: number): number {
  let hole = 0;
  const within = (at: number): boolean => (at - start) % rowLength !== 0;
  for (let page = Math.ceil((start + 1) / PAGE) * PAGE; page + PAGE < end; page += PAGE) {
    const from = page;
    while (page < end && isZero(bytes, page, Math.min(end, page + PAGE))) page += PAGE;
    if (page > from && page < end && bytes[from - 1] !== 0 && bytes[page] !== 0 && within(from) && within(page)) hole += page - from;
  }
  return hole;
}

function isZero(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at] !== 0) return false;
  return true;
}
