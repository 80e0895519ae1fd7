// TIFF 6.0 and BigTIFF: the first directory says how its numbers are stored and where. What cannot be read is refused here by name.

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
  /** Bytes of a row of a strip or tile; undefined if they are compressed. */
  readonly rowLength: number | undefined;
  /** Where the strips or tiles lie, and how long they are; undefined if the file does not say. */
  readonly offsets: Values | undefined;
  readonly lengths: Values | undefined;
}

/** Whole numbers that stay in the file. */
interface Values {
  readonly count: number;
  at(index: number): number;
}

const TAG = {
  width: 256,
  height: 257,
  bits: 258,
  compression: 259,
  photometric: 262,
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
} as const;

/** Bytes of a value by type; types 2, 5 and others are of no interest here. */
const SIZES: Readonly<Record<number, number>> = { 1: 1, 3: 2, 4: 4, 16: 8 };

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
  // Colours of YCbCr are stored for groups of pixels, so that a row has no length of its own.
  const plain = first(TAG.compression, 1) === 1 && first(TAG.photometric, 0) !== 6;
  // A strip or tile is held as a whole, and so is a picture in planes.
  const held = planar || partWidth * partHeight >= width * height ? samples * Math.ceil(bits / 8) : 0;
  return {
    width,
    height,
    bytesPerPixel: 4 + held + (first(TAG.orientation, 1) === 1 ? 0 : 3),
    partWidth,
    partHeight,
    tiled,
    planes: planar ? samples : 1,
    rowLength: plain ? Math.ceil((partWidth * (planar ? 1 : samples) * bits) / 8) : undefined,
    offsets: tags.get(tiled ? TAG.tileOffsets : TAG.stripOffsets),
    lengths: tags.get(tiled ? TAG.tileLengths : TAG.stripLengths),
  };
}

/** Throws ImageError if strips or tiles lie beyond the end of the file, or nowhere: decoders leave them black. */
export function checkTiffParts(bytes: Uint8Array, header: TiffHeader): void {
  const { width, height, partWidth, partHeight, tiled, planes, rowLength, offsets, lengths } = header;
  const across = Math.ceil(width / partWidth);
  const down = Math.ceil(height / partHeight);
  const parts = Math.min(across * down * planes, offsets?.count ?? 0);
  let rows = 0;
  for (let part = 0; part < parts; part++) {
    const seen = Math.min(partHeight, height - (Math.floor(part / across) % down) * partHeight);
    const start = offsets!.at(part);
    // A writer that does not compress may be wrong about the length, which readers work out themselves.
    const whole = rowLength === undefined ? part < (lengths?.count ?? 0) && lengths!.at(part) : rowLength * (tiled ? partHeight : seen);
    const there = Math.min(whole || 1, Math.max(0, bytes.length - start));
    // An offset of 0 stands for a part that was never written.
    if (start > 0) rows += (seen * there) / (whole || 1);
  }
  const missing = 1 - rows / (height * across * planes);
  if (missing > 1e-9) throw truncated("TIFF", missing);
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
    tags.set(tag, { count, at: (index) => read(from + index * size) });
  }
  return tags;
}
