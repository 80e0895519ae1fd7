// AVIF: boxes of length, type and content (ISO 14496-12, 4.2); the image and its tiles each have an `ispe` with a size (ISO 23008-12, 6.5.3).

import { ImageError } from "../image.ts";
import type { DecodeCost } from "../limits.ts";

/** Reads the largest size; undefined if there is none. Throws ImageError or RangeError if the file ends before its last box. */
export function avifHeader(bytes: Uint8Array, view: DataView): DecodeCost | undefined {
  for (let at = 0; at < bytes.length; ) {
    const short = view.getUint32(at);
    const length = short === 1 ? Number(view.getBigUint64(at + 8)) : short === 0 ? bytes.length - at : short;
    if (length < 8) return undefined;
    at += length;
    if (at > bytes.length) throw new ImageError("truncated AVIF");
  }
  let largest: DecodeCost | undefined;
  for (let at = bytes.indexOf(0x69); at >= 0; at = bytes.indexOf(0x69, at + 1)) {
    if (at + 16 > bytes.length || view.getUint32(at) !== 0x69737065) continue;
    const size = { width: view.getUint32(at + 8), height: view.getUint32(at + 12), bytesPerPixel: 19.5 };
    if (!largest || size.width * size.height > largest.width * largest.height) largest = size;
  }
  return largest;
}
