// One interpolation for any sequence of movements: rotation, zoom, perspective and crop at once. Only the pixels that are seen are computed.

import { kernelOf } from "../../core/kernel.ts";
import type { RgbImage } from "../decode/image.ts";
import type { Box } from "./box.ts";
import { isAffine, type Projection } from "./projection.ts";
import { KERNEL } from "./warp-kernel.ts";

// The least w: perspective never looks at the horizon or behind it. As in kernels/warp.ts.
const NEAREST = 1 / 64;

/** What lies beyond the edge: the picture's mirror image (cba|abc|cba), its last pixel repeated, or black. */
export type Border = "reflect" | "edge" | "zero";

/** The part of a [height, width] image that `warp` reads to make `window` of its output. */
export function regionRead(map: Projection, window: Box, width: number, height: number, border: Border): Box {
  const [a, b, c, d, e, f, g, h, i] = map;
  const across = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY] as [number, number];
  const down = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY] as [number, number];
  // The image of a rectangle is the hull of its corners' images, as long as none lies behind the horizon.
  for (const y of [window.top, window.top + window.height - 1]) {
    for (const x of [window.left, window.left + window.width - 1]) {
      const w = g * x + h * y + i;
      if (w < NEAREST) return { left: 0, top: 0, width, height };
      widen(across, (a * x + b * y + c) / w);
      widen(down, (d * x + e * y + f) / w);
    }
  }
  const [left, right] = spanRead(across, width, border);
  const [top, bottom] = spanRead(down, height, border);
  return { left, top, width: right - left + 1, height: bottom - top + 1 };
}

/**
 * The pixels of `window`, taken from where `map` points: copied if it maps pixels onto pixels, interpolated bilinearly otherwise. `part` holds
 * the pixels of `region`, which must cover regionRead, of an image of `width` by `height`; `border` is that of the whole image.
 */
export function warp(part: RgbImage, region: Box, map: Projection, window: Box, width: number, height: number, border: Border): RgbImage {
  const source: Source = { part, region, width, height, border };
  const data = isAffine(map) && map.every(Number.isInteger) ? copyPixels(source, map, window) : interpolate(source, map, window);
  return { width: window.width, height: window.height, data };
}

/** The available region of an image, and the size and border of the whole image. */
interface Source {
  readonly part: RgbImage;
  readonly region: Box;
  readonly width: number;
  readonly height: number;
  readonly border: Border;
}

function copyPixels(source: Source, [a, b, c, d, e, f]: Projection, { left, top, width, height }: Box): Uint8Array {
  const { data } = source.part;
  const result = new Uint8Array(width * height * 3);
  for (let y = top, to = 0; y < top + height; y++) {
    for (let x = left; x < left + width; x++, to += 3) {
      const from = offsetOf(source, a * x + b * y + c, d * x + e * y + f);
      if (from < 0) continue;
      result[to] = data[from]!;
      result[to + 1] = data[from + 1]!;
      result[to + 2] = data[from + 2]!;
    }
  }
  return result;
}

// Positions are integers in units of 1/2048 pixel, so that every platform's sine and cosine give the same pixels. As in kernels/warp.ts.
const BITS = 11;
const ONE = 1 << BITS;
const ROUND = 1 << (2 * BITS - 1);

const kernel = kernelOf<{
  bilinear(
    from: number,
    stride: number,
    alongX: number,
    alongY: number,
    startX: number,
    startY: number,
    first: number,
    end: number,
    to: number,
  ): void;
  projective(
    from: number,
    stride: number,
    left: number,
    a: number,
    c: number,
    d: number,
    f: number,
    g: number,
    i: number,
    originX: number,
    originY: number,
    first: number,
    end: number,
    to: number,
  ): void;
}>(KERNEL);

function interpolate(source: Source, map: Projection, window: Box): Uint8Array {
  const { part, region, width, height } = source;
  const line = window.width * 3;
  const tables = roundUp(part.data.length + 16);
  const result = tables + roundUp(window.width * 8);
  const { functions, buffer } = kernel(result + window.height * line + 16);
  const bytes = new Uint8Array(buffer);
  bytes.set(part.data);
  const row = (isAffine(map) ? affineRows : projectiveRows)(map, window, source, functions, buffer, tables);
  const minX = -region.left * ONE;
  const minY = -region.top * ONE;
  const maxX = (width - 1 - region.left) * ONE;
  const maxY = (height - 1 - region.top) * ONE;
  const place: [number, number] = [0, 0];
  for (let y = 0; y < window.height; y++) {
    const { placeOf, fill } = row(y);
    const inside = (x: number): boolean => {
      placeOf(x, place);
      return place[0] >= minX && place[0] < maxX && place[1] >= minY && place[1] < maxY;
    };
    const to = result + y * line;
    // The picture is convex: between the first and the last position inside it, all are inside.
    let first = 0;
    for (; first < window.width && !inside(first); first++) atBorder(source, place[0], place[1], bytes, to + first * 3);
    let end = window.width;
    while (end > first && !inside(end - 1)) end--;
    // Before the border on its right, because it writes one byte too many.
    if (end > first) fill(first, end, to);
    for (let x = end; x < window.width; x++) {
      placeOf(x, place);
      atBorder(source, place[0], place[1], bytes, to + x * 3);
    }
  }
  return bytes.slice(result, result + window.height * line);
}

/** One row of the window. */
interface Row {
  /** Writes the source of pixel x into `place`, in units of 1/ONE pixel from the corner of the region. */
  readonly placeOf: (x: number, place: [number, number]) => void;
  /** Computes the pixels from `first` to `end`, all of them inside, of the row at address `to`. */
  readonly fill: (first: number, end: number, to: number) => void;
}

type Rows = (
  map: Projection,
  window: Box,
  source: Source,
  functions: ReturnType<typeof kernel>["functions"],
  buffer: ArrayBuffer,
  tables: number,
) => (y: number) => Row;

const affineRows: Rows = ([a, b, c, d, e, f], window, { part, region }, functions, buffer, tables) => {
  const alongX = Float64Array.from({ length: window.width }, (_, x) => Math.round(a * x * ONE));
  const alongY = Float64Array.from({ length: window.width }, (_, x) => Math.round(d * x * ONE));
  const second = tables + window.width * 4;
  new Int32Array(buffer, tables, window.width).set(alongX);
  new Int32Array(buffer, second, window.width).set(alongY);
  return (y) => {
    const startX = Math.round((a * window.left + b * (y + window.top) + c - region.left) * ONE);
    const startY = Math.round((d * window.left + e * (y + window.top) + f - region.top) * ONE);
    return {
      placeOf(x, place) {
        place[0] = startX + alongX[x]!;
        place[1] = startY + alongY[x]!;
      },
      fill: (first, end, to) => functions.bilinear(0, part.width * 3, tables, second, startX, startY, first, end, to),
    };
  };
};

const projectiveRows: Rows = ([a, b, c, d, e, f, g, h, i], window, { part, region }, functions) => {
  return (row) => {
    const y = row + window.top;
    const [startX, startY, startW] = [b * y + c, e * y + f, h * y + i];
    return {
      placeOf(x, place) {
        const u = window.left + x;
        const scale = 1 / Math.max(NEAREST, g * u + startW);
        place[0] = Math.floor(((a * u + startX) * scale - region.left) * ONE + 0.5);
        place[1] = Math.floor(((d * u + startY) * scale - region.top) * ONE + 0.5);
      },
      fill: (first, end, to) =>
        functions.projective(0, part.width * 3, window.left, a, startX, d, startY, g, startW, region.left, region.top, first, end, to),
    };
  };
};

function roundUp(bytes: number): number {
  return Math.ceil(bytes / 16) * 16;
}

function atBorder(source: Source, positionX: number, positionY: number, result: Uint8Array, to: number): void {
  const { data } = source.part;
  const x = Math.floor(positionX / ONE);
  const y = Math.floor(positionY / ONE);
  const right = positionX - x * ONE;
  const below = positionY - y * ONE;
  const [column, line] = [x + source.region.left, y + source.region.top];
  const p00 = offsetOf(source, column, line);
  const p01 = offsetOf(source, column + 1, line);
  const p10 = offsetOf(source, column, line + 1);
  const p11 = offsetOf(source, column + 1, line + 1);
  for (let c = 0; c < 3; c++) {
    const above = (p00 < 0 ? 0 : data[p00 + c]!) * (ONE - right) + (p01 < 0 ? 0 : data[p01 + c]!) * right;
    const under = (p10 < 0 ? 0 : data[p10 + c]!) * (ONE - right) + (p11 < 0 ? 0 : data[p11 + c]!) * right;
    result[to + c] = (above * (ONE - below) + under * below + ROUND) >> (2 * BITS);
  }
}

// The offset in the part's data of a pixel of the whole image; negative for the black beyond a "zero" border.
function offsetOf({ part, region, width, height, border }: Source, x: number, y: number): number {
  const column = fold(x, width, border);
  const row = fold(y, height, border);
  return column < 0 || row < 0 ? -1 : ((row - region.top) * part.width + column - region.left) * 3;
}

function fold(index: number, length: number, border: Border): number {
  if (index >= 0 && index < length) return index;
  if (border === "zero") return -1;
  if (border === "edge") return index < 0 ? 0 : length - 1;
  const period = 2 * length;
  const folded = ((index % period) + period) % period;
  return folded < length ? folded : period - 1 - folded;
}

function widen(range: [number, number], value: number): void {
  range[0] = Math.min(range[0], value);
  range[1] = Math.max(range[1], value);
}

// The first and last pixel read: one more on either side than the exact positions need, because they are rounded.
function spanRead([low, high]: readonly [number, number], length: number, border: Border): readonly [number, number] {
  const first = Math.floor(low) - 1;
  const last = Math.ceil(high) + 1;
  if (border !== "reflect") return [Math.min(Math.max(first, 0), length - 1), Math.max(Math.min(last, length - 1), 0)];
  if (!(last - first < length)) return [0, length - 1];
  const ends = [fold(first, length, border), fold(last, length, border)];
  // A span that crosses an edge turns there, at the first pixel or at the last.
  const crossing = Math.floor(last / length);
  if (crossing !== Math.floor(first / length)) ends.push(crossing % 2 === 0 ? 0 : length - 1);
  return [Math.min(...ends), Math.max(...ends)];
}
