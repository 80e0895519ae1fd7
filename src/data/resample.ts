// Antialiased bilinear scaling of 8-bit RGB, bit for bit what Pillow's Image.resize(..., BILINEAR) gives: two passes, horizontal first,
// each rounded to 8 bits, with weights in fixed point. Only the rows and columns asked for are computed.

import type { RgbImage } from "./image.ts";

/** A rectangle of pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** For each output position along one axis: the first input position, and `taps` weights, a multiple of four, of which the unused are 0. */
interface Weights {
  readonly taps: number;
  readonly starts: Int32Array;
  readonly values: Int32Array;
}

// Pillow's: 8 bits of pixel, 22 of weight, and 2 to spare stay within 32.
const PRECISION = 22;
const HALF = 1 << (PRECISION - 1);
// Rows worked on together, so that what a column's weights are applied to stays in the processor's cache.
const BLOCK = 16;

/**
 * Scales the part `from` of `image` (all of it unless given) to `width` by `height`, and returns the part `region` of the result (all
 * unless given). The filter is a triangle as wide as the shrinking needs, centres of pixels at half (Pillow's BILINEAR; torchvision's with
 * antialias).
 */
export function resize(image: RgbImage, width: number, height: number, region?: Box, from?: Box): RgbImage {
  const wanted = region ?? { left: 0, top: 0, width, height };
  const source = from ?? { left: 0, top: 0, width: image.width, height: image.height };
  const rows = triangleWeights(source.top, source.height, height, wanted.top, wanted.height, image.height);
  const first = rows ? rows.starts[0]! : source.top + wanted.top;
  const last = rows ? Math.min(image.height, rows.starts[wanted.height - 1]! + rows.taps) : first + wanted.height;
  const columns = triangleWeights(source.left, source.width, width, wanted.left, wanted.width, image.width);
  const narrow = columns
    ? scaleRows(image, columns, wanted.width, first, last)
    : copyColumns(image, source.left + wanted.left, wanted.width, first, last);
  const data = rows ? scaleColumns(narrow, rows, wanted.width, wanted.height, first) : narrow;
  return { width: wanted.width, height: wanted.height, data };
}

// The weights of one axis; undefined where the length stays, and pixels are only copied.
function triangleWeights(
  start: number,
  length: number,
  outputLength: number,
  outputStart: number,
  count: number,
  limit: number,
): Weights | undefined {
  if (length === outputLength) return undefined;
  const scale = length / outputLength;
  const support = Math.max(scale, 1);
  const taps = Math.ceil(Math.ceil(2 * support) / 4) * 4;
  const starts = new Int32Array(count);
  const values = new Int32Array(count * taps);
  // One more than is used: rounding of the two ends can add a weight of about 1e-16.
  const row = new Float64Array(taps + 1);
  for (let index = 0; index < count; index++) {
    const centre = start + (outputStart + index + 0.5) * scale;
    const low = Math.max(0, Math.trunc(centre - support + 0.5));
    const high = Math.min(limit, Math.trunc(centre + support + 0.5));
    let sum = 0;
    for (let tap = 0; tap < high - low; tap++) {
      row[tap] = Math.max(0, 1 - Math.abs((tap + low - centre + 0.5) / support));
      sum += row[tap]!;
    }
    // Moved back at the far border, where the unused weights would otherwise point beyond the image.
    starts[index] = Math.max(0, Math.min(low, limit - taps));
    const offset = index * taps + low - starts[index]!;
    for (let tap = 0; tap < high - low; tap++) values[offset + tap] = Math.trunc(0.5 + (row[tap]! / sum) * (1 << PRECISION));
  }
  return { taps, starts, values };
}

function copyColumns(image: RgbImage, left: number, width: number, first: number, last: number): Uint8Array {
  const stride = image.width * 3;
  if (width === image.width) return image.data.subarray(first * stride, last * stride);
  const result = new Uint8Array((last - first) * width * 3);
  for (let y = first; y < last; y++)
    result.set(image.data.subarray(y * stride + left * 3, y * stride + (left + width) * 3), (y - first) * width * 3);
  return result;
}

function scaleRows(image: RgbImage, weights: Weights, width: number, first: number, last: number): Uint8Array {
  const result = new Uint8Array((last - first) * width * 3);
  if (weights.taps > 4) scaleRowsManyTaps(image, weights, width, first, last, result);
  else
    for (let row = first; row < last; row += BLOCK)
      scaleRowsFourTaps(image, weights, width, row, Math.min(last, row + BLOCK), result, (row - first) * width * 3);
  return result;
}

// Column by column, so that the weights stay in registers: the way of ordinary photographs, shrunk to half or less far.
function scaleRowsFourTaps(
  image: RgbImage,
  { starts, values }: Weights,
  width: number,
  first: number,
  last: number,
  result: Uint8Array,
  offset: number,
): void {
  const { data } = image;
  const stride = image.width * 3;
  for (let x = 0; x < width; x++) {
    const w0 = values[x * 4]!;
    const w1 = values[x * 4 + 1]!;
    const w2 = values[x * 4 + 2]!;
    const w3 = values[x * 4 + 3]!;
    let from = first * stride + starts[x]! * 3;
    let to = offset + x * 3;
    for (let y = first; y < last; y++, from += stride, to += width * 3) {
      result[to] =
        (HALF +
          Math.imul(data[from]!, w0) +
          Math.imul(data[from + 3]!, w1) +
          Math.imul(data[from + 6]!, w2) +
          Math.imul(data[from + 9]!, w3)) >>
        PRECISION;
      result[to + 1] =
        (HALF +
          Math.imul(data[from + 1]!, w0) +
          Math.imul(data[from + 4]!, w1) +
          Math.imul(data[from + 7]!, w2) +
          Math.imul(data[from + 10]!, w3)) >>
        PRECISION;
      result[to + 2] =
        (HALF +
          Math.imul(data[from + 2]!, w0) +
          Math.imul(data[from + 5]!, w1) +
          Math.imul(data[from + 8]!, w2) +
          Math.imul(data[from + 11]!, w3)) >>
        PRECISION;
    }
  }
}

function scaleRowsManyTaps(
  image: RgbImage,
  { taps, starts, values }: Weights,
  width: number,
  first: number,
  last: number,
  result: Uint8Array,
): void {
  const { data } = image;
  for (let y = first, to = 0; y < last; y++) {
    for (let x = 0; x < width; x++, to += 3) {
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      let from = (y * image.width + starts[x]!) * 3;
      for (let tap = x * taps; tap < (x + 1) * taps; tap++, from += 3) {
        const weight = values[tap]!;
        red = (red + Math.imul(data[from]!, weight)) | 0;
        green = (green + Math.imul(data[from + 1]!, weight)) | 0;
        blue = (blue + Math.imul(data[from + 2]!, weight)) | 0;
      }
      result[to] = red >> PRECISION;
      result[to + 1] = green >> PRECISION;
      result[to + 2] = blue >> PRECISION;
    }
  }
}

function scaleColumns(data: Uint8Array, { taps, starts, values }: Weights, width: number, height: number, first: number): Uint8Array {
  const stride = width * 3;
  const result = new Uint8Array(height * stride);
  const sums = new Int32Array(stride).fill(HALF);
  for (let y = 0; y < height; y++) {
    if (taps > 4) sums.fill(HALF);
    for (let tap = 0; tap < taps; tap += 4) {
      const w0 = values[y * taps + tap]!;
      const w1 = values[y * taps + tap + 1]!;
      const w2 = values[y * taps + tap + 2]!;
      const w3 = values[y * taps + tap + 3]!;
      const row0 = (starts[y]! + tap - first) * stride;
      const row1 = row0 + stride;
      const row2 = row1 + stride;
      const row3 = row2 + stride;
      // The last four go straight into the result: for ordinary photographs they are the only ones.
      const [target, offset, shift] = tap + 4 < taps ? [sums, 0, 0] : [result, y * stride, PRECISION];
      for (let i = 0; i < stride; i++) {
        const low = Math.imul(data[row0 + i]!, w0) + Math.imul(data[row1 + i]!, w1);
        const high = Math.imul(data[row2 + i]!, w2) + Math.imul(data[row3 + i]!, w3);
        target[offset + i] = (sums[i]! + low + high) >> shift;
      }
    }
  }
  return result;
}
