// Whether the strips or tiles of a TIFF hold all of their pixels. libvips does not tell: it leaves a strip unread once it has its pixels, with the
// checksum behind them, and makes up pixels for tiles that it cannot read.

import { constants, inflateSync } from "node:zlib";
import { pageHole, type Stretch } from "../holes.ts";
import { ImageError } from "../image.ts";
import { jpegHeader } from "../jpeg/header.ts";
import { missingFromJpeg } from "../jpeg/missing.ts";
import { jpegBody } from "../jpeg/scans.ts";
import { lzwLength } from "./lzw.ts";
import { checkTiffRows, NONE, type TiffHeader, type TiffPart, tiffParts } from "./tiff.ts";

/** The compression of parts that are JPEGs, since TIFF's second technical note. */
const JPEG = 7;

/** By compression (tag 259), the share of a part that is there, 0 to 1. */
const SHARES: Readonly<Record<number, (bytes: Uint8Array, part: TiffPart, decoded: number, header: TiffHeader) => number>> = {
  5: lzwShare,
  [JPEG]: (bytes, part, _, { jpegTables }) => jpegShare(bytes, part, jpegTables),
  8: deflateShare,
  32773: packBitsShare,
  32946: deflateShare,
};

/** Throws ImageError if strips or tiles decode to fewer pixels than they have. Other compressions than those above are not looked into. */
export function checkTiffData(bytes: Uint8Array, header: TiffHeader): void {
  const { compression, rowLength, lengths, reversed } = header;
  const parts = [...tiffParts(header)];
  if (compression === NONE) checkPlain(bytes, parts, header);
  const share = SHARES[compression];
  if (!share || !lengths || reversed) return;
  // A JPEG knows its own length.
  const known = rowLength !== undefined || compression === JPEG;
  const rows = parts.map((part) => part.rows * (known ? share(bytes, part, part.decoded ?? 0, header) : 1));
  checkTiffRows(header, sumOf(rows));
}

function checkPlain(bytes: Uint8Array, parts: readonly TiffPart[], header: TiffHeader): void {
  const { rowLength } = header;
  if (rowLength === undefined) return;
  // Strips mostly follow each other, and are shorter than a hole.
  const joined: { start: number; end: number }[] = [];
  for (const { start, end } of parts) {
    const last = joined.at(-1);
    if (last?.end === start) last.end = end;
    else joined.push({ start, end });
  }
  const hole = sumOf(joined.map((stretch) => pageHole(bytes, stretch, rowLength)));
  const length = sumOf(parts.map(({ start, end }) => end - start));
  checkTiffRows(header, sumOf(parts.map(({ rows }) => rows)) * (1 - hole / length));
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function deflateShare(bytes: Uint8Array, { start, end, filled }: TiffPart, decoded: number): number {
  try {
    // Zeros in the data make other data, or a wrong checksum. Of data without a checksum, what is there counts.
    const options = { maxOutputLength: filled!, finishFlush: constants.Z_SYNC_FLUSH };
    const there = inflateSync(bytes.subarray(start, end), options).length;
    return there <= decoded ? there / decoded : there === filled ? 1 : 0;
  } catch {
    return 0;
  }
}

function lzwShare(bytes: Uint8Array, part: TiffPart, decoded: number): number {
  // Before TIFF 5.0 the bits were in another order, and the first code began with eight zeros.
  if (bytes[part.start] === 0 && (bytes[part.start + 1]! & 1) === 1) return 1;
  const there = lzwLength(bytes, [part], { bits: 8, tiff: true }, decoded);
  return shareOf(there, decoded, there > decoded && decoded < part.filled!);
}

// Counts of bytes to copy or to repeat (TIFF 6.0, section 9).
function packBitsShare(bytes: Uint8Array, { start, end, filled }: TiffPart, decoded: number): number {
  let there = 0;
  let at = start;
  while (at < end && there < filled!) {
    const count = bytes[at]!;
    const next = at + (count < 128 ? 2 + count : count === 128 ? 1 : 2);
    if (next > end) break;
    at = next;
    there += count < 128 ? count + 1 : count === 128 ? 0 : 257 - count;
  }
  // A byte may fill up an odd length.
  return end - at > 1 ? 0 : shareOf(there, decoded, there === filled);
}

// Nearly any bytes make sense to these two, but after a hole they miss the end of the part.
function shareOf(there: number, decoded: number, isFilled: boolean): number {
  return there === decoded || isFilled ? 1 : Math.min(there, decoded - 1) / decoded;
}

function jpegShare(bytes: Uint8Array, { start, end }: Stretch, tables: Stretch | undefined): number {
  // The tables are a JPEG without a picture, the part one without tables: each with a mark at its start, the first with one at its end.
  const whole = tables
    ? Buffer.concat([bytes.subarray(tables.start, tables.end - 2), bytes.subarray(start + 2, end)])
    : bytes.subarray(start, end);
  try {
    const header = jpegHeader(whole, new DataView(whole.buffer, whole.byteOffset, whole.byteLength));
    if (!header) return 0;
    return 1 - missingFromJpeg(whole, header, jpegBody(whole, header.scanAt));
  } catch (error) {
    if (error instanceof RangeError) throw new ImageError("damaged TIFF");
    throw error;
  }
}
