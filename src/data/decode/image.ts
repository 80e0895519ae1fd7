// A decoded photograph as plain data, the kinds of file that hold one, and the one error of a file that does not.

import { foreignFormat } from "./foreign-formats.ts";

/** An upright 8-bit RGB image: `data` is [height, width, 3], rows from the top. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** Channels of an image that does not say: red, green, blue. */
export const RGB = 3;

/** An upright 8-bit image of any number of channels: `data` is [height, width, channels], rows from the top. */
export interface PixelImage {
  readonly width: number;
  readonly height: number;
  /** Default 3, RGB. */
  readonly channels?: number;
  readonly data: Uint8Array;
}

/** What each platform brings: how to get the bytes of an image and how to make pixels of them. Both throw ImageError. */
export interface Decoder {
  /** Reads the file (in a browser, fetches the address) `path`. */
  read(path: string): Promise<Uint8Array>;
  /**
   * Decodes JPEG, PNG, WebP, GIF, AVIF, BMP or, in Node, TIFF (the first frame of several), turned upright as its EXIF orientation says.
   * Grey, CMYK, palette and 16-bit images become 8-bit RGB, transparent parts white, and colour profiles are ignored: docs/formats.md. What
   * would need too much memory is decoded at a half, a quarter or an eighth of its size if its format allows that.
   */
  decode(bytes: Uint8Array): Promise<RgbImage>;
}

/**
 * A file that could not be read as an image; `message` is the reason in a few words: "truncated JPEG: 12 % of its rows are missing", "not an image", "empty file", "a HEIC
 * file, which thaw cannot read: convert it to JPEG or PNG".
 */
export class ImageError extends Error {
  override readonly name = "ImageError";
}

/** Kinds of image that are decoded. */
export type ImageFormat = "JPEG" | "PNG" | "WebP" | "GIF" | "AVIF" | "TIFF" | "BMP";

/**
 * The kind of an image by its first bytes; throws ImageError for an empty file and for any other content, whatever the file's name says, so
 * that a decoder never meets a format (SVG, PDF) that was not meant for it.
 */
export function formatOf(bytes: Uint8Array): ImageFormat {
  if (bytes.length === 0) throw new ImageError("empty file");
  const format = imageFormat(bytes);
  if (format === undefined) throw new ImageError(foreignFormat(bytes) ?? "not an image");
  return format;
}

function imageFormat(bytes: Uint8Array): ImageFormat | undefined {
  // Most photographs are JPEGs.
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return "JPEG";
  const start = String.fromCharCode(...bytes.subarray(0, 64));
  if (start.startsWith("\x89PNG\r\n\x1a\n")) return "PNG";
  if (start.startsWith("GIF87a") || start.startsWith("GIF89a")) return "GIF";
  if (start.startsWith("RIFF") && start.startsWith("WEBP", 8)) return "WebP";
  // Two bytes are few: the offset of the pixels, in a file of this kind, is not as large as text makes it.
  if (start.startsWith("BM") && start.startsWith("\0\0", 12)) return "BMP";
  // A Canon camera's raw file is a TIFF whose picture is only a preview.
  if (/^(II[*+]\0|MM\0[*+])/.test(start) && !start.startsWith("CR\x02\0", 8)) return "TIFF";
  // The brands of a file: its major one, a version, and then those it is compatible with.
  if (start.startsWith("ftyp", 4) && /avi[fs]/.test(start.slice(8, Math.max(12, lengthOfFirstBox(bytes))))) return "AVIF";
  return undefined;
}

/** Whether a file that begins with `bytes` is text for people or programs, such as a README, and no picture of any kind; not if it is empty. */
export function isPlainText(bytes: Uint8Array): boolean {
  const start = bytes.subarray(0, 1024);
  // Of the control characters, text has tabs, line breaks, form feeds and escapes.
  const isText = start.every((byte) => byte >= 0x20 || (byte >= 0x09 && byte <= 0x0d) || byte === 0x1b);
  return start.length > 0 && isText && imageFormat(start) === undefined && foreignFormat(start) === undefined;
}

function lengthOfFirstBox(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
}
