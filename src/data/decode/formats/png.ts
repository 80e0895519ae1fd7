// PNG (third edition): chunks of length, type, content and checksum.

import type { DecodeCost } from "../limits.ts";

const [IDAT, IEND, EXIF] = [0x49444154, 0x49454e44, 0x65584966];
/** By colour type: channels. */
const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** Reads the size; undefined if there are no pixels. Throws RangeError if the file ends before its last chunk. */
export function pngHeader(_: Uint8Array, view: DataView): DecodeCost | undefined {
  let [hasPixels, mayBeTurned] = [false, false];
  let at = 8;
  for (; view.getUint32(at + 4) !== IEND; at += 12 + view.getUint32(at)) {
    hasPixels ||= view.getUint32(at + 4) === IDAT;
    mayBeTurned ||= view.getUint32(at + 4) === EXIF;
  }
  view.getUint32(at + 8);
  if (!hasPixels) return undefined;
  const channels = CHANNELS[view.getUint8(25)] ?? 4;
  const interlaced = view.getUint8(28) !== 0;
  // Rows are decoded one by one, but an interlaced picture, or one that is turned, is whole in memory before its first row is.
  const heldPerPixel = interlaced || mayBeTurned ? channels * (view.getUint8(24) > 8 ? 2 : 1) : 0;
  return { width: view.getUint32(16), height: view.getUint32(20), bytesPerPixel: 4 + heldPerPixel, heldPerPixel };
}
