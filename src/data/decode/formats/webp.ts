// WebP: one RIFF chunk whose first part is the whole image or an extended header (RFC 9649, 2.4 to 2.7).

import { longestHole } from "../holes.ts";
import { ImageError } from "../image.ts";
import type { DecodeCost } from "../limits.ts";
import { truncated } from "../truncated.ts";

/** Reads the size; undefined if there is none. Throws ImageError or RangeError if the file ends before the image does. */
export function webpHeader(bytes: Uint8Array, view: DataView): DecodeCost | undefined {
  const end = 8 + view.getUint32(4, true);
  if (end > bytes.length) throw new ImageError("truncated WebP");
  const kind = String.fromCharCode(...bytes.subarray(12, 16));
  const lossy = kind === "VP8 ";
  const cost = { bytesPerPixel: 10.6, heldPerPixel: lossy ? 1 : 6 };
  if (kind === "VP8X") return { width: 1 + (view.getUint32(24, true) & 0xffffff), height: 1 + (view.getUint32(26, true) >>> 8), ...cost };
  if (kind === "VP8L") {
    const bits = view.getUint32(21, true);
    return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff), ...cost };
  }
  if (lossy) return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff, ...cost };
  return undefined;
}

/**
 * Throws ImageError if there is a hole in the pixels of the image, or of the first frame of an animation. Flat parts of a picture are coded as
 * zeros too, of less than a byte for each block of 16 × 16 pixels: only more than that is a hole.
 */
export function checkWebpPixels(bytes: Uint8Array, view: DataView, { width, height }: DecodeCost): void {
  const flat = Math.ceil(width / 16) * Math.ceil(height / 16);
  for (let at = 12; at + 8 <= bytes.length; ) {
    const kind = String.fromCharCode(...bytes.subarray(at, at + 4));
    const [start, length] = [at + 8, view.getUint32(at + 4, true)];
    if (kind === "VP8 " || kind === "VP8L") {
      const hole = longestHole(bytes, [{ start, end: Math.min(bytes.length, start + length) }]);
      if (hole > flat) throw truncated("WebP", hole / length);
      return;
    }
    // A frame is 16 bytes of header and then chunks like those around it.
    at = start + (kind === "ANMF" ? 16 : length + (length & 1));
  }
}
