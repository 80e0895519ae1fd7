// What an image file says of itself before any of its pixels are decoded: how large it is, so that a small file cannot claim the whole memory,
// and whether its end is there, which a browser's decoder does not tell.

import { ImageError, type ImageFormat, PIXEL_LIMIT } from "./image.ts";
import { type JpegHeader, jpegHeader } from "./jpeg-header.ts";

/** What the header says: of a JPEG a little more than of the others. */
export type ImageHeader = Pick<JpegHeader, "width" | "height"> & Partial<JpegHeader>;

/**
 * Reads the header of an image of `format`. Throws ImageError: "truncated PNG" if the file ends before the image does, "damaged PNG" if
 * it has no size, "too large" beyond PIXEL_LIMIT. A TIFF's size is not looked for, and is undefined: only libvips reads it, which checks for
 * itself.
 */
export function checkHeader(bytes: Uint8Array, format: ImageFormat): ImageHeader | undefined {
  if (format === "TIFF") return undefined;
  let header: ImageHeader | undefined;
  try {
    header = READERS[format](bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch (error) {
    // Reading beyond the last byte.
    if (!(error instanceof RangeError)) throw error;
    throw new ImageError(`truncated ${format}`);
  }
  if (!header || header.width < 1 || header.height < 1) throw new ImageError(`damaged ${format}`);
  checkPixels(header);
  return header;
}

/** Throws the ImageError of an image that has more pixels than are decoded. */
export function checkPixels({ width, height }: ImageHeader): void {
  if (width * height > PIXEL_LIMIT)
    throw new ImageError(`too large: ${width} × ${height} pixels, where ${PIXEL_LIMIT / 1e6} million are the most`);
}

type Reader = (bytes: Uint8Array, view: DataView) => ImageHeader | undefined;

const READERS: Readonly<Record<Exclude<ImageFormat, "TIFF">, Reader>> = {
  JPEG: jpegHeader,
  PNG: pngSize,
  GIF: gifSize,
  WebP: webpSize,
  AVIF: avifSize,
};

// Chunks of length, type, content and checksum, up to IEND (PNG, third edition, 5.3).
function pngSize(_: Uint8Array, view: DataView): ImageHeader {
  let at = 8;
  while (view.getUint32(at + 4) !== 0x49454e44) at += 12 + view.getUint32(at);
  view.getUint32(at + 8);
  return { width: view.getUint32(16), height: view.getUint32(20) };
}

// Blocks up to the end of the first frame (GIF89a, 15 to 26); those after it are not read.
function gifSize(bytes: Uint8Array, view: DataView): ImageHeader | undefined {
  const palette = (flags: number) => ((flags & 0x80) === 0 ? 0 : 3 << ((flags & 7) + 1));
  const afterSubBlocks = (start: number) => {
    let at = start;
    while (view.getUint8(at) !== 0) at += 1 + view.getUint8(at);
    return at + 1;
  };
  let at = 13 + palette(view.getUint8(10));
  while (view.getUint8(at) === 0x21) at = afterSubBlocks(at + 2);
  if (bytes[at] !== 0x2c) return undefined;
  afterSubBlocks(at + 11 + palette(view.getUint8(at + 9)));
  return { width: view.getUint16(6, true), height: view.getUint16(8, true) };
}

// One RIFF chunk whose first part is the whole image or an extended header (RFC 9649, 2.4 to 2.7).
function webpSize(bytes: Uint8Array, view: DataView): ImageHeader | undefined {
  const end = 8 + view.getUint32(4, true);
  if (end > bytes.length) throw new ImageError("truncated WebP");
  const kind = String.fromCharCode(...bytes.subarray(12, 16));
  if (kind === "VP8X") return { width: 1 + (view.getUint32(24, true) & 0xffffff), height: 1 + (view.getUint32(26, true) >>> 8) };
  if (kind === "VP8L") {
    const bits = view.getUint32(21, true);
    return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
  }
  if (kind === "VP8 ") return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
  return undefined;
}

// Boxes of length, type and content (ISO 14496-12, 4.2); the image and its tiles each have an `ispe` with a size (ISO 23008-12, 6.5.3).
function avifSize(bytes: Uint8Array, view: DataView): ImageHeader | undefined {
  for (let at = 0; at < bytes.length; ) {
    const short = view.getUint32(at);
    const length = short === 1 ? Number(view.getBigUint64(at + 8)) : short === 0 ? bytes.length - at : short;
    if (length < 8) return undefined;
    at += length;
    if (at > bytes.length) throw new ImageError("truncated AVIF");
  }
  let largest: ImageHeader | undefined;
  for (let at = bytes.indexOf(0x69); at >= 0; at = bytes.indexOf(0x69, at + 1)) {
    if (at + 16 > bytes.length || view.getUint32(at) !== 0x69737065) continue;
    const size = { width: view.getUint32(at + 8), height: view.getUint32(at + 12) };
    if (!largest || size.width * size.height > largest.width * largest.height) largest = size;
  }
  return largest;
}
