// GIF89a: blocks up to the end of the first frame; those after it are not read.

import type { Stretch } from "../holes.ts";
import type { DecodeCost } from "../limits.ts";
import { truncated } from "../truncated.ts";
import { lzwLength } from "./lzw.ts";

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
  const bits = bytes[codesAt]!;
  const pixels = bits > 11 ? 0 : lzwLength(bytes, blocksFrom(bytes, codesAt + 1), { bits, tiff: false }, wanted);
  if (pixels < wanted) throw truncated("GIF", 1 - pixels / wanted);
}

function* blocksFrom(bytes: Uint8Array, first: number): Iterable<Stretch> {
  for (let block = first; bytes[block]! > 0; block += 1 + bytes[block]!) yield { start: block + 1, end: block + 1 + bytes[block]! };
}
