// How much of a JPEG's picture is missing: goes through its coded data as a decoder does, but only counts blocks.

import { longestHole } from "../holes.ts";
import { type BlockCodes, progressiveReader, sequentialReader } from "./blocks.ts";
import { type JpegComponent, type JpegHeader, samplingOf, standsAlone } from "./header.ts";
import { Bits, type HuffmanCode, huffmanCode } from "./huffman.ts";
import type { JpegBody, Scan } from "./scans.ts";

/** A component of the picture while its scans are gone through. */
interface Plane extends JpegComponent, Pick<BlockCodes, "known"> {
  /** Blocks of 8 × 8 samples in a row and a column of the picture. */
  readonly columns: number;
  readonly rows: number;
  /** By coefficient, [64]: the lowest bit that a scan has brought; 255 if none has. */
  readonly lowest: Uint8Array;
}

interface Tables {
  readonly dc: (HuffmanCode | undefined)[];
  readonly ac: (HuffmanCode | undefined)[];
  /** MCUs between two restart markers; 0 if there are none. */
  interval: number;
}

/** A JPEG on its way through its scans. */
interface Walk {
  readonly bytes: Uint8Array;
  readonly header: JpegHeader;
  readonly planes: readonly Plane[];
  readonly tables: Tables;
  readonly bits: Bits;
}

/**
 * The share of the picture that the file does not hold, 0 to 1, by the scan that lacks most; 0 if all is there, or for the rare kinds that
 * are not looked into (arithmetic coding, lossless). Throws RangeError for a table beyond the end of the file.
 */
export function missingFromJpeg(bytes: Uint8Array, header: JpegHeader, body: JpegBody): number {
  if (header.frame > 0xc2) return 0;
  const planes = planesOf(header);
  const walk: Walk = { bytes, header, planes, tables: { dc: [], ac: [], interval: 0 }, bits: new Bits() };
  let missing = 0;
  let at = 2;
  for (const scan of body.scans) {
    readTables(walk, at, scan.headerAt);
    missing = Math.max(missing, missingFromScan(walk, scan));
    at = scan.parts.at(-1)!.end;
  }
  const unsent = planes.filter(({ lowest }) => lowest.some((bit) => bit > 0)).length;
  return Math.max(missing, unsent / planes.length);
}

function planesOf({ width, height, components, frame }: JpegHeader): Plane[] {
  const [across, down] = samplingOf(components);
  return components.map((component) => {
    const columns = Math.ceil(Math.ceil((width * component.across) / across) / 8);
    const rows = Math.ceil(Math.ceil((height * component.down) / down) / 8);
    const known = new Uint32Array(frame === 0xc2 ? 2 * columns * rows : 0);
    return { ...component, columns, rows, known, lowest: new Uint8Array(64).fill(255) };
  });
}

function readTables({ bytes, tables }: Walk, from: number, to: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = from; at < to; ) {
    const marker = bytes[at + 1]!;
    if (marker === 0xff || standsAlone(marker)) {
      at += marker === 0xff ? 1 : 2;
      continue;
    }
    const end = at + 2 + view.getUint16(at + 2);
    if (marker === 0xdd) tables.interval = view.getUint16(at + 4);
    for (let table = at + 4; marker === 0xc4 && table + 17 <= end; ) {
      const counts = bytes.subarray(table + 1, table + 17);
      const symbols = counts.reduce((sum, count) => sum + count, 0);
      const place = bytes[table]!;
      (place >> 4 === 0 ? tables.dc : tables.ac)[place & 15] = huffmanCode(counts, bytes.subarray(table + 17, table + 17 + symbols));
      table += 17 + symbols;
    }
    at = end;
  }
}

function missingFromScan({ bytes, header, planes, tables, bits }: Walk, { headerAt, parts }: Scan): number {
  const count = bytes[headerAt + 4]!;
  const members = Array.from({ length: count }, (_, i) => {
    const plane = planes.find(({ id }) => id === bytes[headerAt + 5 + 2 * i]);
    const places = bytes[headerAt + 6 + 2 * i]!;
    if (!plane) return undefined;
    const { known, lowest, columns, rows, across, down } = plane;
    return { known, lowest, columns, rows, across, down, dc: tables.dc[places >> 4], ac: tables.ac[places & 15] };
  }).filter((member) => member !== undefined);
  const [first] = members;
  if (!first || members.length < count) return 1;
  const progressive = header.frame === 0xc2;
  const [from, to, approximation] = progressive ? bytes.subarray(headerAt + 5 + 2 * count) : [0, 63, 0];
  const band = { from: from!, to: Math.min(63, to!), refines: approximation! >> 4 > 0 };
  const [before, after] = [approximation! >> 4, approximation! & 15];
  // What refines a scan that is not there brings nothing.
  for (const { lowest } of members) for (let k = band.from; k <= band.to; k++) if (!band.refines || lowest[k] === before) lowest[k] = after;

  const [across, down] = samplingOf(planes);
  // A component alone in a scan has its own blocks in it and none that only fill MCUs up.
  const blocks = members.flatMap((member) => Array.from({ length: count === 1 ? 1 : member.across * member.down }, () => member));
  const mcus = count === 1 ? first.columns * first.rows : Math.ceil(header.width / (8 * across)) * Math.ceil(header.height / (8 * down));
  const interval = tables.interval || mcus;
  const reader = progressive ? progressiveReader(bits, band) : sequentialReader(bits);
  let whole = 0;
  parts.forEach(({ start, end }, part) => {
    bits.load(bytes, start, end);
    reader.restart();
    const begin = part * interval;
    const last = Math.min(mcus, begin + interval);
    for (let mcu = begin; mcu < last; mcu++, whole++) for (const block of blocks) if (!reader.read(block, mcu)) return;
  });
  // Zeros may be what empty blocks are written as, in a code that is made for this picture.
  const zeroIsEmpty = members.every(({ dc, ac }) => (band.from > 0 || isEmpty(dc)) && (band.to === 0 || isEmpty(ac)));
  const hole = zeroIsEmpty || (band.to === 0 && band.refines) ? 0 : longestHole(bytes, parts);
  return Math.max(1 - whole / mcus, hole / Math.max(1, parts.at(-1)!.end - parts[0]!.start));
}

/** True if the symbol of zeros is that of no difference, or of the end of a block. */
function isEmpty(code: HuffmanCode | undefined): boolean {
  const symbol = (code?.short[0] ?? 0) & 255;
  return (symbol & 15) === 0 && symbol !== 0xf0;
}
