// The markers of a JPEG up to its first scan (ISO 10918-1, annex B): size, components, and the EXIF orientation.

import { ImageError } from "./image.ts";

export interface JpegHeader {
  /** As stored, in pixels. */
  readonly width: number;
  readonly height: number;
  /** 1 for grey, 3 for colours, 4 for CMYK. */
  readonly components: number;
  /** Bits of a sample: 8, or 12 in rare files. */
  readonly precision: number;
  /** EXIF 2.32, tag 274: 1 (upright) to 8. */
  readonly orientation: number;
}

/** Reads the header; undefined if there is none. Throws ImageError if no end of image follows, RangeError if the file ends in the header. */
export function jpegHeader(bytes: Uint8Array, view: DataView): JpegHeader | undefined {
  let frame: Omit<JpegHeader, "orientation"> | undefined;
  let orientation = 1;
  for (let at = 2; ; ) {
    if (view.getUint8(at) !== 0xff) return undefined;
    const marker = view.getUint8(at + 1);
    // 0xff may be repeated before a marker.
    if (marker === 0xff) {
      at++;
      continue;
    }
    if (marker === 0xd9) return undefined;
    const alone = marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);
    const length = alone ? 0 : view.getUint16(at + 2);
    if (marker === 0xda) {
      if (!hasEnd(bytes, at + 2 + length)) throw new ImageError("truncated JPEG");
      return frame && { ...frame, orientation };
    }
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc)
      frame = {
        precision: view.getUint8(at + 4),
        height: view.getUint16(at + 5),
        width: view.getUint16(at + 7),
        components: view.getUint8(at + 9),
      };
    if (marker === 0xe1) orientation = exifOrientation(bytes.subarray(at + 4, at + 2 + length)) ?? orientation;
    at += 2 + length;
  }
}

// What may follow the end (a film, a second picture) is cut off first when a file is truncated.
function hasEnd(bytes: Uint8Array, start: number): boolean {
  for (let at = bytes.lastIndexOf(0xd9); at > start; at = bytes.lastIndexOf(0xd9, at - 1)) if (bytes[at - 1] === 0xff) return true;
  return false;
}

// A TIFF inside the segment: byte order, then the first directory of 12-byte entries.
function exifOrientation(segment: Uint8Array): number | undefined {
  if (String.fromCharCode(...segment.subarray(0, 6)) !== "Exif\0\0") return undefined;
  const view = new DataView(segment.buffer, segment.byteOffset + 6, segment.byteLength - 6);
  const inside = (at: number, count: number) => at + count <= view.byteLength;
  if (!inside(0, 8)) return undefined;
  const little = view.getUint16(0) === 0x4949;
  const directory = view.getUint32(4, little);
  if (!inside(directory, 2)) return undefined;
  for (let entry = 0; entry < view.getUint16(directory, little); entry++) {
    const at = directory + 2 + entry * 12;
    if (!inside(at, 12)) return undefined;
    if (view.getUint16(at, little) !== 274) continue;
    const value = view.getUint16(at + 8, little);
    return value >= 1 && value <= 8 ? value : undefined;
  }
  return undefined;
}
