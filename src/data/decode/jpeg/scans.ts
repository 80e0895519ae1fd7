// The parts of a JPEG from its first scan to its end: segments, and the coded data between them (ISO 10918-1, B.2).

import type { Stretch } from "../holes.ts";
import { standsAlone } from "./header.ts";

/** A stretch of coded data, and the marker that ends it (its number; −1 if the file ends first). */
export interface CodedData extends Stretch {
  readonly marker: number;
}

/** A scan: its header, and its coded data from restart marker to restart marker. */
export interface Scan {
  readonly headerAt: number;
  readonly parts: readonly CodedData[];
}

export interface JpegBody {
  readonly scans: readonly Scan[];
  /** True if the marker of the end is there. */
  readonly ended: boolean;
}

/** Goes through the scans from `scanAt` to the marker of the end, or as far as there are markers. */
export function jpegBody(bytes: Uint8Array, scanAt: number): JpegBody {
  const scans: Scan[] = [];
  let at = scanAt;
  while (at + 4 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1]!;
    if (marker === 0xd9) return { scans, ended: true };
    if (marker === 0xff) {
      at++;
      continue;
    }
    const next = at + 2 + (standsAlone(marker) ? 0 : (bytes[at + 2]! << 8) | bytes[at + 3]!);
    if (marker !== 0xda) {
      at = next;
      continue;
    }
    const parts: CodedData[] = [];
    let part = codedData(bytes, next);
    while (part.marker >= 0xd0 && part.marker <= 0xd7) {
      parts.push(part);
      part = codedData(bytes, part.end + 2);
    }
    parts.push(part);
    scans.push({ headerAt: at, parts });
    at = part.end;
  }
  return { scans, ended: at + 2 <= bytes.length && bytes[at] === 0xff && bytes[at + 1] === 0xd9 };
}

// 0xff is followed by 0 where it is data, and by a marker's number, or more of 0xff, where it is not.
function codedData(bytes: Uint8Array, start: number): CodedData {
  for (let at = bytes.indexOf(0xff, start); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const marker = bytes[at + 1];
    if (marker === undefined) return { start, end: at, marker: -1 };
    if (marker === 0xff) continue;
    if (marker !== 0) return { start, end: at, marker };
    at++;
  }
  return { start, end: Math.max(start, bytes.length), marker: -1 };
}
