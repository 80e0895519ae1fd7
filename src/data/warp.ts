// Turning, flipping, zooming and cropping in one interpolation. Points beyond the border are reflected at the edge (cba|abc|cba).

import type { RgbImage } from "./image.ts";
import type { Box } from "./resample.ts";

/** Where output pixel (x, y) is taken from: (a·x + b·y + c, d·x + e·y + f), in whole pixels at pixel centres, as [a, b, c, d, e, f]. */
export type Affine = readonly [number, number, number, number, number, number];

export const IDENTITY: Affine = [1, 0, 0, 0, 1, 0];

/** The map that applies `inner` first and `outer` to what it gives. */
export function compose(outer: Affine, inner: Affine): Affine {
  const [a, b, c, d, e, f] = outer;
  const [g, h, i, j, k, l] = inner;
  return [a * g + b * j, a * h + b * k, a * i + b * l + c, d * g + e * j, d * h + e * k, d * i + e * l + f];
}

/** The part of a [height, width] image that `warp` reads to make a `size` by `size` output through `map`. */
export function regionRead(map: Affine, size: number, width: number, height: number): Box {
  const [a, b, c, d, e, f] = map;
  const end = size - 1;
  const horizontal = spanRead(c + Math.min(0, a * end) + Math.min(0, b * end), c + Math.max(0, a * end) + Math.max(0, b * end), width);
  const vertical = spanRead(f + Math.min(0, d * end) + Math.min(0, e * end), f + Math.max(0, d * end) + Math.max(0, e * end), height);
  return { left: horizontal.first, top: vertical.first, width: horizontal.count, height: vertical.count };
}

/**
 * Makes a `size` by `size` image of the pixels that `map` points at: copied where it meets them exactly, else bilinear. `part` holds the
 * pixels of `region`, which must cover regionRead, of an image of `width` by `height`; the border is that of the whole image. Returns
 * [size, size, 3].
 */
export function warp(part: RgbImage, region: Box, map: Affine, size: number, width: number, height: number): Uint8Array {
  return map.every(Number.isInteger)
    ? copyPixels(part, region, map, size, width, height)
    : interpolate(part, region, map, size, width, height);
}

function copyPixels(part: RgbImage, region: Box, [a, b, c, d, e, f]: Affine, size: number, width: number, height: number): Uint8Array {
  const { data, width: stride } = part;
  const result = new Uint8Array(size * size * 3);
  for (let y = 0, to = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const column = reflect(a * x + b * y + c, width) - region.left;
      const row = reflect(d * x + e * y + f, height) - region.top;
      const from = (row * stride + column) * 3;
      result[to++] = data[from]!;
      result[to++] = data[from + 1]!;
      result[to++] = data[from + 2]!;
    }
  }
  return result;
}

// Positions are held to 1/2048 of a pixel, in whole numbers, so that every platform's sine and cosine give the same pixels.
const BITS = 11;
const ONE = 1 << BITS;
const MASK = ONE - 1;
const ROUND = 1 << (2 * BITS - 1);

function interpolate(part: RgbImage, region: Box, [a, b, c, d, e, f]: Affine, size: number, width: number, height: number): Uint8Array {
  const { data, width: stride } = part;
  const result = new Uint8Array(size * size * 3);
  const alongX = Int32Array.from({ length: size }, (_, x) => Math.round(a * x * ONE));
  const alongY = Int32Array.from({ length: size }, (_, x) => Math.round(d * x * ONE));
  for (let y = 0, to = 0; y < size; y++) {
    const startX = Math.round((b * y + c) * ONE);
    const startY = Math.round((e * y + f) * ONE);
    for (let x = 0; x < size; x++) {
      const positionX = startX + alongX[x]!;
      const positionY = startY + alongY[x]!;
      const column = positionX >> BITS;
      const row = positionY >> BITS;
      const right = positionX & MASK;
      const below = positionY & MASK;
      let p00: number;
      let p01: number;
      let p10: number;
      let p11: number;
      if (column >= 0 && row >= 0 && column < width - 1 && row < height - 1) {
        p00 = ((row - region.top) * stride + column - region.left) * 3;
        p01 = p00 + 3;
        p10 = p00 + stride * 3;
        p11 = p10 + 3;
      } else {
        const column0 = reflect(column, width) - region.left;
        const column1 = reflect(column + 1, width) - region.left;
        const row0 = (reflect(row, height) - region.top) * stride;
        const row1 = (reflect(row + 1, height) - region.top) * stride;
        p00 = (row0 + column0) * 3;
        p01 = (row0 + column1) * 3;
        p10 = (row1 + column0) * 3;
        p11 = (row1 + column1) * 3;
      }
      const w11 = right * below;
      const w10 = (below << BITS) - w11;
      const w01 = (right << BITS) - w11;
      const w00 = ONE * ONE - w11 - w10 - w01;
      result[to++] = (data[p00]! * w00 + data[p01]! * w01 + data[p10]! * w10 + data[p11]! * w11 + ROUND) >> (2 * BITS);
      result[to++] = (data[p00 + 1]! * w00 + data[p01 + 1]! * w01 + data[p10 + 1]! * w10 + data[p11 + 1]! * w11 + ROUND) >> (2 * BITS);
      result[to++] = (data[p00 + 2]! * w00 + data[p01 + 2]! * w01 + data[p10 + 2]! * w10 + data[p11 + 2]! * w11 + ROUND) >> (2 * BITS);
    }
  }
  return result;
}

function reflect(index: number, length: number): number {
  if (index >= 0 && index < length) return index;
  const period = 2 * length;
  const folded = ((index % period) + period) % period;
  return folded < length ? folded : period - 1 - folded;
}

// One pixel more on either side than the exact positions need, for their rounding.
function spanRead(low: number, high: number, length: number): { first: number; count: number } {
  let first = Math.floor(low) - 1;
  let end = Math.ceil(high) + 2;
  const reflectedEnd = first < 0 ? -first : 0;
  const reflectedFirst = end > length ? 2 * length - end : length;
  first = Math.max(0, Math.min(first, reflectedFirst));
  end = Math.min(length, Math.max(end, reflectedEnd));
  return { first, count: end - first };
}
