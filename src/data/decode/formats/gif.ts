// GIF89a: blocks up to the end of the first frame; those after it are not read.

import type { DecodeCost } from "../limits.ts";
import { truncated } from "../truncated.ts";

export interface GifHeader extends DecodeCost {
  /** Of the first frame, whose pixels follow it. */
  readonly frameWidth: number;
  readonly frameHeight: number;
  /** Where the width of its first code stands, and its blocks of codes behind it. */
  readonly codesAt: number;
}

/** Reads the size; undefined if there is no frame. Throws RangeError if the file ends before the first frame does. */
export function gifHeader(bytes: Uint8Array, view: DataView): GifHeader | undefined {
  const palette = (flags: number) => ((flags & 0x80) === 0 ? 0 : 3 << ((flags & 7) + 1));
  const afterSubBlocks = (start: number) => {
    let at = start;
    while (view.getUint8(at) !== 0) at += 1 + view.getUint8(at);
    return at + 1;
  };
  let at = 13 + palette(view.getUint8(10));
  while (view.getUint8(at) === 0x21) at = afterSubBlocks(at + 2);
  if (bytes[at] !== 0x2c) return undefined;
  const codesAt = at + 10 + palette(view.getUint8(at + 9));
  afterSubBlocks(codesAt + 1);
  return {
    width: view.getUint16(6, true),
    height: view.getUint16(8, true),
    bytesPerPixel: 8,
    frameWidth: view.getUint16(at + 5, true),
    frameHeight: view.getUint16(at + 7, true),
    codesAt,
  };
}

/** Throws ImageError if the codes of the first frame are for fewer pixels than it has: decoders leave the rest blank. */
export function checkGifPixels(bytes: Uint8Array, { frameWidth, frameHeight, codesAt }: GifHeader): void {
  const wanted = frameWidth * frameHeight;
  const pixels = pixelsOf(bytes, codesAt, wanted);
  if (pixels < wanted) throw truncated("GIF", 1 - pixels / wanted);
}

/** The number of pixels that the codes stand for, up to `enough` (GIF89a, appendix F). */
function pixelsOf(bytes: Uint8Array, codesAt: number, enough: number): number {
  const firstWidth = bytes[codesAt]!;
  if (firstWidth > 11) return 0;
  const clear = 1 << firstWidth;
  // By code: how many pixels it stands for.
  const lengths = new Uint32Array(4096).fill(1, 0, clear);
  let pixels = 0;
  let next = clear + 2;
  let width = firstWidth + 1;
  let previous = -1;
  let [buffer, filled] = [0, 0];
  for (let block = codesAt + 1; bytes[block]! > 0; block += 1 + bytes[block]!) {
    const end = block + 1 + bytes[block]!;
    for (let at = block + 1; at < end; at++) {
      buffer |= bytes[at]! << filled;
      filled += 8;
      while (filled >= width) {
        const code = buffer & ((1 << width) - 1);
        buffer >>>= width;
        filled -= width;
        if (code === clear + 1) return pixels;
        if (code === clear) {
          [next, width, previous] = [clear + 2, firstWidth + 1, -1];
          continue;
        }
        if (code > next || (code === next && previous < 0)) return pixels;
        if (previous >= 0 && next < 4096) {
          lengths[next++] = lengths[previous]! + 1;
          if (next === 1 << width && width < 12) width++;
        }
        pixels += lengths[code]!;
        if (pixels >= enough) return enough;
        previous = code;
      }
    }
  }
  return pixels;
}
