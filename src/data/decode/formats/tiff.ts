// TIFF 6.0 and BigTIFF: the first directory says how its numbers are stored and where. What cannot be read is refused here by name.

import type { Stretch } from "../holes.ts";
import { ImageError } from "../image.ts";
import type { DecodeCost } from "../limits.ts";
import { truncated } from "../truncated.ts";

export interface TiffHeader extends DecodeCost {
  /** Of a strip or tile, in pixels; the last strip may be lower. */
  readonly partWidth: number;
  readonly partHeight: number;
  readonly tiled: boolean;
  /** Pictures that the strips or tiles make: one, or one for each channel. */
  readonly planes: number;
  /** 1 for none. */
  readonly compression: number;
  /** Bytes of a row of a strip or tile, before it is compressed; undefined if rows have no length of their own. */
  readonly rowLength: number | undefined;
  /** True if the first pixel is in the low bits of a byte. */
  readonly reversed: boolean;
  /** Where the strips or tiles lie, and how long they are; undefined if the file does not say. */
  readonly offsets: Values | undefined;
  readonly lengths: Values | undefined;
  /** Bytes that belong to the front of each part that is a JPEG, its tables; undefined if there are none. */
  readonly jpegTables: Stretch | undefined;
}

/** A strip or tile that lies in the file. */
export interface TiffPart extends Stretch {
  /** Its rows that belong to the picture. */
  readonly rows: number;
  /** Bytes that it stands for, before it is compressed; undefined if rows have no length of their own. */
  readonly decoded: number | undefined;
  /** The same of a strip or tile of full height: some writers fill up the last strip. */
  readonly filled: number | undefined;
}

/** Whole numbers that stay in the file. */
interface Values {
  readonly count: number;
  at(index: number): number;
  /** Where they lie. */
  readonly place: number;
}

const TAG = {
  width: 256,
  height: 257,
  bits: 258,
  compression: 259,
  photometric: 262,
  fillOrder: 266,
  stripOffsets: 273,
  samples: 277,
  rowsPerStrip: 278,
  stripLengths: 279,
  planes: 284,
  tileWidth: 322,
  tileHeight: 323,
  tileOffsets: 324,
  tileLengths: 325,
  orientation: 274,
  format: 339,
  jpegTables: 347,
} as const;

/** The compression of pixels as they are. */
export const NONE = 1;

/** Bytes of a value by type; types 2, 5 and others are of no interest here. */
const SIZES: Readonly<Record<number, number>> = { 1: 1, 3: 2, 4: 4, 7: 1, 16: 8 };

/**
 * Reads the first directory; undefined if it makes no sense. Throws RangeError if the file ends in it, and ImageError for numbers that have no
 * known scale.
 */
export function tiffHeader(bytes: Uint8Array, view: DataView): TiffHeader | undefined {
  const tags = readDirectory(bytes, view);
  const first = (tag: number, missing: number): number => tags.get(tag)?.at(0) ?? missing;
  const [width, height, bits] = [first(TAG.width, 0), first(TAG.height, 0), first(TAG.bits, 1)];
  checkNumbers(first(TAG.format, 1), bits);
  const samples = first(TAG.samples, 1);
  const planar = first(TAG.planes, 1) === 2;
  const tiled = tags.has(TAG.tileWidth);
  const partWidth = first(TAG.tileWidth, width);
  const partHeight = tiled ? first(TAG.tileHeight, 0) : Math.min(height, first(TAG.rowsPerStrip, height));
  if (partWidth < 1 || partHeight < 1) return undefined;
  // Colours of YCbCr are stored for groups of pixels.
  const inGroups = first(TAG.photometric, 0) === 6;
  const tables = tags.get(TAG.jpegTables);
  // A strip or tile is held as a whole, and so is a picture in planes.
  const part = planar || partWidth * partHeight >= width * height ? samples * Math.ceil(bits / 8) : 0;
  const heldPerPixel = part + (first(TAG.orientation, 1) === 1 ? 0 : 3);
  return {
    width,
    height,
    bytesPerPixel: 4 + heldPerPixel,
    heldPerPixel,
    partWidth,
    partHeight,
    tiled,
    planes: planar ? samples : 1,
    compression: first(TAG.compression, NONE),
    rowLength: inGroups ? undefined : Math.ceil((partWidth * (planar ? 1 : samples) * bits) / 8),
    reversed: first(TAG.fillOrder, 1) === 2,
    offsets: tags.get(tiled ? TAG.tileOffsets : TAG.stripOffsets),
    lengths: tags.get(tiled ? TAG.tileLengths : TAG.stripLengths),
    jpegTables: tables && { start: tables.place, end: tables.place + tables.count },
  };
}

/** Throws ImageError if strips or tiles lie beyond the end of the file, or nowhere: decoders leave them black. */
export function checkTiffParts(bytes: Uint8Array, header: TiffHeader): void {
  let rows = 0;
  let length = 0;
  for (const { start, end, rows: seen } of tiffParts(header)) {
    const there = Math.max(0, Math.min(bytes.length, end) - start);
    length += there;
    // An offset of 0 stands for a part that was never written.
    if (start > 0) rows += (seen * there) / (end - start);
  }
  checkTiffRows(header, rows);
  // Parts that are the same bytes again and again would take far longer than their file is long.
  if (length > 2 * bytes.length) throw new ImageError("damaged TIFF");
}

/** Throws ImageError if all strips or tiles together have fewer than all `rows`. */
export function checkTiffRows({ width, height, partWidth, planes }: TiffHeader, rows: number): void {
  const missing = 1 - rows / (height * Math.ceil(width / partWidth) * planes);
  if (missing > 1e-9) throw truncated("TIFF", missing);
}

/** The strips or tiles, at least a byte long. */
export function* tiffParts(header: TiffHeader): Iterable<TiffPart> {
  const { width, height, partWidth, partHeight, tiled, planes, compression, rowLength, offsets, lengths } = header;
  const across = Math.ceil(width / partWidth);
  const down = Math.ceil(height / partHeight);
  const parts = Math.min(across * down * planes, offsets?.count ?? 0);
  for (let part = 0; part < parts; part++) {
    const rows = Math.min(partHeight, height - (Math.floor(part / across) % down) * partHeight);
    const filled = rowLength && rowLength * partHeight;
    const decoded = tiled ? filled : rowLength && rowLength * rows;
    const start = offsets!.at(part);
    const told = part < (lengths?.count ?? 0) ? lengths!.at(part) : 0;
    // A writer that does not compress may be wrong about the length, which readers work out themselves.
    const length = (compression === NONE && decoded) || told || 1;
    yield { start, end: start + length, rows, decoded, filled };
  }
}

/** Throws ImageError for numbers of which a file does not say what is black and what is white: all but whole ones of up to 16 bits. */
function checkNumbers(format: number, bits: number): void {
  if ((format === 1 || format === 4) && bits <= 16) return;
  const kind = format === 2 ? "signed" : format === 3 ? "floating-point" : format > 4 ? "complex" : "whole";
  throw new ImageError(`a TIFF of ${bits}-bit ${kind} numbers, which thaw cannot read: scale it to 8 or 16 bits`);
}

function readDirectory(bytes: Uint8Array, view: DataView): ReadonlyMap<number, Values> {
  const little = bytes[0] === 0x49;
  const big = view.getUint16(2, little) === 43;
  const word = (at: number): number => (big ? Number(view.getBigUint64(at, little)) : view.getUint32(at, little));
  const directory = word(big ? 8 : 4);
  const entries = big ? word(directory) : view.getUint16(directory, little);
  const [head, entrySize, inline] = big ? [8, 20, 8] : [2, 12, 4];
  const wanted: ReadonlySet<number> = new Set(Object.values(TAG));
  const tags = new Map<number, Values>();
  for (let i = 0; i < entries; i++) {
    const at = directory + head + i * entrySize;
    const tag = view.getUint16(at, little);
    const size = SIZES[view.getUint16(at + 2, little)];
    // Of a tag that is there again, the first counts.
    if (!wanted.has(tag) || size === undefined || tags.has(tag)) continue;
    const count = big ? Number(view.getBigUint64(at + 4, little)) : view.getUint32(at + 4, little);
    const valueAt = at + (big ? 12 : 8);
    const from = count * size <= inline ? valueAt : word(valueAt);
    if (count < 1) continue;
    // RangeError if the list leads out of the file.
    view.getUint8(from + count * size - 1);
    const read = (place: number): number => {
      if (size === 8) return Number(view.getBigUint64(place, little));
      return size === 1 ? view.getUint8(place) : size === 2 ? view.getUint16(place, little) : view.getUint32(place, little);
    };
    tags.set(tag, { count, place: from, at: (index) => read(from + index * size) });
  }
  return tags;
}
