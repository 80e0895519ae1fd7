// Windows bitmaps: 1, 2, 4, 8, 16, 24 and 32 bits, run lengths of 4 and 8 bits, rows from below or above. Decoded here, on every platform, because
// libvips does not read them.

import { pageHole } from "../holes.ts";
import { ImageError, type RgbImage } from "../image.ts";
import type { DecodeCost } from "../limits.ts";
import { truncated } from "../truncated.ts";

export interface BmpHeader extends DecodeCost {
  readonly bits: number;
  /** Rows come from above instead of below. */
  readonly topDown: boolean;
  /** Runs of pixels instead of rows. */
  readonly runs: boolean;
  /** Where the bits of red, green, blue and alpha are in a pixel of 16 or 32 bits; 0 for no alpha. */
  readonly masks: readonly [number, number, number, number];
  /** Colours [n, 3] as red, green and blue. */
  readonly palette: Uint8Array;
  readonly pixelsAt: number;
}

const [RLE8, RLE4, BIT_FIELDS, ALPHA_BIT_FIELDS] = [1, 2, 3, 6];
const MASKS_16 = [0x7c00, 0x3e0, 0x1f, 0] as const;
const MASKS_32 = [0xff0000, 0xff00, 0xff, 0] as const;

/** Reads the header; undefined if it makes no sense. Throws RangeError if the file ends in it, ImageError for kinds that are not read. */
export function bmpHeader(bytes: Uint8Array, view: DataView): BmpHeader | undefined {
  const size = view.getUint32(14, true);
  const core = size === 12;
  if (!core && (size < 16 || size > 4096)) return undefined;
  const width = core ? view.getUint16(18, true) : view.getInt32(18, true);
  const signedHeight = core ? view.getUint16(20, true) : view.getInt32(22, true);
  const bits = view.getUint16(core ? 24 : 28, true);
  const compression = size >= 20 ? view.getUint32(30, true) : 0;
  const runs = (compression === RLE8 && bits === 8) || (compression === RLE4 && bits === 4);
  const fields = (compression === BIT_FIELDS || compression === ALPHA_BIT_FIELDS) && (bits === 16 || bits === 32);
  if (![1, 2, 4, 8, 16, 24, 32].includes(bits)) return undefined;
  if (compression !== 0 && !runs && !fields)
    throw new ImageError(`a BMP of compression ${compression}, which thaw cannot read: convert it to PNG`);
  const usual = bits === 16 ? MASKS_16 : MASKS_32;
  const masks = fields ? readMasks(view, size >= 56 || compression === ALPHA_BIT_FIELDS) : usual;
  const paletteAt = 14 + size + (fields && size === 40 ? (compression === ALPHA_BIT_FIELDS ? 16 : 12) : 0);
  const colours = (size >= 36 && view.getUint32(46, true)) || 1 << Math.min(bits, 8);
  const pixelsAt = view.getUint32(10, true);
  const palette = bits > 8 ? new Uint8Array() : readPalette(bytes, paletteAt, Math.min(256, colours), core ? 3 : 4, pixelsAt);
  const height = Math.abs(signedHeight);
  return { width, height, bytesPerPixel: 3, bits, topDown: signedHeight < 0, runs, masks, palette, pixelsAt };
}

function readMasks(view: DataView, alpha: boolean): BmpHeader["masks"] {
  return [view.getUint32(54, true), view.getUint32(58, true), view.getUint32(62, true), alpha ? view.getUint32(66, true) : 0];
}

function readPalette(bytes: Uint8Array, at: number, colours: number, step: number, end: number): Uint8Array {
  const there = Math.max(0, Math.min(colours, Math.floor((Math.min(end, bytes.length) - at) / step)));
  return Uint8Array.from({ length: 3 * there }, (_, i) => bytes[at + step * Math.floor(i / 3) + 2 - (i % 3)]!);
}

/** Throws ImageError if rows are missing, or zeros lie in their place; runs are checked while they are decoded. */
export function checkBmpRows(bytes: Uint8Array, { width, height, bits, runs, pixelsAt }: BmpHeader): void {
  if (runs) return;
  const rows = Math.max(0, Math.floor((bytes.length - pixelsAt + 3) / rowLength(width, bits)));
  if (rows < height) throw truncated("BMP", 1 - rows / height);
  const row = rowLength(width, bits);
  const hole = pageHole(bytes, { start: pixelsAt, end: pixelsAt + row * height }, row);
  if (hole > 0) throw truncated("BMP", hole / (row * height));
}

/** Bytes of a row, which is filled up to 4. */
function rowLength(width: number, bits: number): number {
  return Math.ceil((width * bits) / 32) * 4;
}

/** Decodes a bitmap whose rows were checked; what is transparent becomes white. */
export function decodeBmp(bytes: Uint8Array, header: BmpHeader): RgbImage {
  const { width, height } = header;
  const data = new Uint8Array(3 * width * height);
  if (header.runs) decodeRuns(bytes, header, data);
  else if (header.bits <= 8) decodeIndices(bytes, header, data);
  else if (header.bits === 24) decodeBytes(bytes, header, data);
  else decodeFields(bytes, header, data);
  return { width, height, data };
}

/** Calls `visit` with where each row starts in the file and in the image. */
function eachRow({ width, height, bits, topDown, pixelsAt }: BmpHeader, visit: (from: number, to: number) => void): void {
  const length = rowLength(width, bits);
  for (let row = 0; row < height; row++) visit(pixelsAt + row * length, 3 * width * (topDown ? row : height - 1 - row));
}

function decodeIndices(bytes: Uint8Array, header: BmpHeader, data: Uint8Array): void {
  const { width, bits, palette } = header;
  const mask = (1 << bits) - 1;
  eachRow(header, (from, to) => {
    for (let x = 0, at = to; x < width; x++, at += 3) {
      const bit = x * bits;
      putColour(data, at, palette, (bytes[from + (bit >> 3)]! >> (8 - bits - (bit & 7))) & mask);
    }
  });
}

function putColour(data: Uint8Array, at: number, palette: Uint8Array, index: number): void {
  // An index beyond the palette is black.
  for (let channel = 0; channel < 3; channel++) data[at + channel] = palette[3 * index + channel] ?? 0;
}

function decodeBytes(bytes: Uint8Array, header: BmpHeader, data: Uint8Array): void {
  eachRow(header, (from, to) => {
    for (let x = 0; x < 3 * header.width; x += 3) {
      data[to + x] = bytes[from + x + 2]!;
      data[to + x + 1] = bytes[from + x + 1]!;
      data[to + x + 2] = bytes[from + x]!;
    }
  });
}

function decodeFields(bytes: Uint8Array, header: BmpHeader, data: Uint8Array): void {
  const { width, bits, masks } = header;
  const step = bits / 8;
  const pixel = (at: number): number =>
    (bytes[at]! | (bytes[at + 1]! << 8) | (step === 4 ? (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24) : 0)) >>> 0;
  const shifts = masks.map((mask) => (mask === 0 ? 0 : 31 - Math.clz32(mask & -mask)));
  const largest = masks.map((mask, i) => (mask >>> shifts[i]!) >>> 0);
  const part = (value: number, i: number): number =>
    largest[i] === 0 ? 0 : Math.floor(((((value & masks[i]!) >>> 0) >>> shifts[i]!) * 255) / largest[i]!);
  // Many programs leave alpha at 0 and mean an opaque picture.
  let transparent = false;
  if (masks[3] !== 0)
    eachRow(header, (from) => {
      for (let x = 0; x < width && !transparent; x++) transparent = part(pixel(from + x * step), 3) > 0;
    });
  eachRow(header, (from, to) => {
    for (let x = 0; x < width; x++) {
      const value = pixel(from + x * step);
      const alpha = transparent ? part(value, 3) : 255;
      for (let channel = 0; channel < 3; channel++)
        data[to + 3 * x + channel] =
          alpha === 255 ? part(value, channel) : Math.round((part(value, channel) * alpha + 255 * (255 - alpha)) / 255);
    }
  });
}

// Pairs of a count and a value, or a 0 and an escape; places that are jumped over get the first colour.
function decodeRuns(bytes: Uint8Array, { width, height, bits, topDown, palette, pixelsAt }: BmpHeader, data: Uint8Array): void {
  for (let at = 0; at < data.length; at += 3) putColour(data, at, palette, 0);
  let [x, y] = [0, 0];
  const put = (index: number): void => {
    putColour(data, 3 * (width * (topDown ? y : height - 1 - y) + x++), palette, index);
  };
  const nth = (values: number, n: number): number => (bits === 8 ? values : n % 2 === 0 ? values >> 4 : values & 15);
  let at = pixelsAt;
  while (y < height) {
    const [count, value] = [bytes[at], bytes[at + 1]];
    // Some programs leave out the mark of the end.
    if (count === undefined || value === undefined) {
      const rows = y + (x >= width ? 1 : 0);
      if (rows < height) throw truncated("BMP", 1 - rows / height);
      return;
    }
    at += 2;
    // What lies beyond the end of a row is left out, however long it is.
    if (count > 0) {
      const inside = Math.min(count, Math.max(0, width - x));
      for (let n = 0; n < inside; n++) put(nth(value, n));
    } else if (value === 0) [x, y] = [0, y + 1];
    else if (value === 1) return;
    else if (value === 2) {
      x += bytes[at] ?? 0;
      y += bytes[at + 1] ?? 0;
      at += 2;
    } else {
      const inside = Math.min(value, Math.max(0, width - x));
      for (let n = 0; n < inside; n++) put(nth(bytes[at + (bits === 8 ? n : n >> 1)] ?? 0, n));
      const length = bits === 8 ? value : (value + 1) >> 1;
      at += length + (length & 1);
    }
  }
  // Zeros in place of runs end many rows. What is left of the file shows it.
  if (bytes.length - at > 3 && !(bytes[at] === 0 && bytes[at + 1] === 1)) throw new ImageError("damaged BMP");
}

/** The bytes of a bitmap of 24 bits. */
export function encodeBmp({ width, height, data }: RgbImage): Uint8Array {
  const pixelsAt = 54;
  const row = rowLength(width, 24);
  const bytes = new Uint8Array(pixelsAt + row * height);
  const view = new DataView(bytes.buffer);
  bytes.set([0x42, 0x4d]);
  view.setUint32(2, bytes.length, true);
  view.setUint32(10, pixelsAt, true);
  view.setUint32(14, 40, true);
  view.setInt32(18, width, true);
  view.setInt32(22, height, true);
  view.setUint16(26, 1, true);
  view.setUint16(28, 24, true);
  view.setUint32(34, row * height, true);
  for (let y = 0; y < height; y++)
    for (let i = 0; i < 3 * width; i++) bytes[pixelsAt + row * (height - 1 - y) + i] = data[3 * width * y + i + 2 - 2 * (i % 3)]!;
  return bytes;
}
