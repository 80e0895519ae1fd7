// LZW as GIF and TIFF write it: codes of growing width for strings of a growing table. Only the length of what they stand for is worked out.

import type { Stretch } from "../holes.ts";

/** How a format writes codes. */
export interface LzwKind {
  /** Bits of a value; the first codes are one longer. */
  readonly bits: number;
  /** Codes begin in the high bits of a byte, and become wider one code early. */
  readonly tiff: boolean;
}

/**
 * The number of values that the codes in `parts` stand for (GIF89a, appendix F; TIFF 6.0, section 13). Reading ends once there are `enough`, and at
 * a code that cannot be.
 */
export function lzwLength(bytes: Uint8Array, parts: Iterable<Stretch>, { bits, tiff }: LzwKind, enough: number): number {
  const clear = 1 << bits;
  // By code: how many values it stands for.
  const lengths = new Uint32Array(4096).fill(1, 0, clear);
  let length = 0;
  let next = clear + 2;
  let width = bits + 1;
  let previous = -1;
  let [buffer, filled] = [0, 0];
  for (const { start, end } of parts)
    for (let at = start; at < end; at++) {
      const byte = bytes[at]!;
      buffer = tiff ? ((buffer << 8) | byte) & 0xffffff : buffer | (byte << filled);
      filled += 8;
      while (filled >= width) {
        filled -= width;
        const code = (tiff ? buffer >> filled : buffer) & ((1 << width) - 1);
        if (!tiff) buffer >>>= width;
        if (code === clear + 1) return length;
        if (code === clear) {
          [next, width, previous] = [clear + 2, bits + 1, -1];
          continue;
        }
        if (code > next || (code === next && previous < 0)) return length;
        if (previous >= 0 && next < 4096) {
          lengths[next++] = lengths[previous]! + 1;
          if (next === (1 << width) - (tiff ? 1 : 0) && width < 12) width++;
        }
        length += lengths[code]!;
        if (length >= enough) return length;
        previous = code;
      }
    }
  return length;
}
