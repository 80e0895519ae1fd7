// Antialiased bilinear scaling of 8-bit RGB, bit for bit what Pillow's Image.resize(..., BILINEAR) gives: two passes, horizontal first, each
// rounded to 8 bits, with weights in fixed point. Only the rows and columns asked for are computed.

import type { RgbImage } from "./image.ts";

/** A rectangle of pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** For each output position along one axis: the first input position, and `taps` weights of which the unused are 0. */
interface Weights {
  readonly taps: number;
  readonly starts: Int32Array;
  readonly values: Int32Array;
}

// Pillow's: 8 bits of pixel, 22 of weight, and 2 to spare stay within 32.
const PRECISION = 22;
const HALF = 1 << (PRECISION - 1);

/**
 * Scales the part `from` of `image` (all of it unless given) to `width` by `height`, and returns the part `region` of the result (all unless given). The filter is a
 * triangle as wide as the shrinking needs, centres of pixels at half (Pillow's BILINEAR; torchvision's with antialias).
 */
export function resize(image: RgbImage, width: number, height: number, region?: Box, from?: Box): RgbImage {
  const wanted = region ?? { left: 0, top: 0, width, height };
  const source = from ?? { left: 0, top: 0, width: image.width, height: image.height };
  const columns = triangleWeights(source.left, source.width, width, wanted.left, wanted.width, image.width);
  const rows = triangleWeights(source.top, source.height, height, wanted.top, wanted.height, image.height);
  const first = rows.starts[0] ?? 0;
  const last = Math.min(image.height, (rows.starts[wanted.height - 1] ?? 0) + rows.taps);
  const narrow = source.width === width ? copyColumns(image, source.left + wanted.left, wanted.width, first, last) : scaleRows(image, columns, wanted.width, first, last);
  const data = source.height === height ? narrow.subarray(0, wanted.width * wanted.height * 3) : scaleColumns(narrow, rows, wanted.width, wanted.height, first);
  return { width: wanted.width, height: wanted.height, data };
}

function triangleWeights(start: number, length: number, outputLength: number, outputStart: number, count: number, limit: number): Weights {
  const scale = length / outputLength;
  const support = Math.max(scale, 1);
  if (length === outputLength) {
    const starts = Int32Array.from({ length: count }, (_, index) => start + outputStart + index);
    return { taps: 1, starts, values: new Int32Array(count).fill(1 << PRECISION) };
  }
  const taps = Math.ceil(support) * 2 + 1;
  const starts = new Int32Array(count);
  const values = new Int32Array(count * taps);
  const row = new Float64Array(taps);
  for (let index = 0; index < count; index++) {
    const centre = start + (outputStart + index + 0.5) * scale;
    const low = Math.max(0, Math.trunc(centre - support + 0.5));
    const high = Math.min(limit, Math.trunc(centre + support + 0.5));
    let sum = 0;
    for (let tap = 0; tap < high - low; tap++) {
      row[tap] = Math.max(0, 1 - Math.abs((tap + low - centre + 0.5) / support));
      sum += row[tap]!;
    }
    starts[index] = low;
    for (let tap = 0; tap < high - low; tap++) values[index * taps + tap] = Math.trunc(0.5 + (row[tap]! / sum) * (1 << PRECISION));
  }
  return { taps, starts, values };
}

function copyColumns(image: RgbImage, left: number, width: number, first: number, last: number): Uint8Array {
  const stride = image.width * 3;
  if (width === image.width) return image.data.subarray(first * stride, last * stride);
  const result = new Uint8Array((last - first) * width * 3);
  for (let y = first; y < last; y++) result.set(image.data.subarray(y * stride + left * 3, y * stride + (left + width) * 3), (y - first) * width * 3);
  return result;
}

function scaleRows(image: RgbImage, { taps, starts, values }: Weights, width: number, first: number, last: number): Uint8Array {
  const { data, width: sourceWidth } = image;
  const result = new Uint8Array((last - first) * width * 3);
  let to = 0;
  for (let y = first; y < last; y++) {
    for (let x = 0; x < width; x++) {
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      const start = starts[x]!;
      let from = (y * sourceWidth + start) * 3;
      const end = x * taps + Math.min(taps, sourceWidth - start);
      for (let tap = x * taps; tap < end; tap++, from += 3) {
        const weight = values[tap]!;
        red = (red + data[from]! * weight) | 0;
        green = (green + data[from + 1]! * weight) | 0;
        blue = (blue + data[from + 2]! * weight) | 0;
      }
      result[to++] = red >> PRECISION;
      result[to++] = green >> PRECISION;
      result[to++] = blue >> PRECISION;
    }
  }
  return result;
}

function scaleColumns(data: Uint8Array, { taps, starts, values }: Weights, width: number, height: number, first: number): Uint8Array {
  const stride = width * 3;
  const result = new Uint8Array(height * stride);
  const sums = new Int32Array(stride);
  for (let y = 0; y < height; y++) {
    sums.fill(HALF);
    for (let tap = 0; tap < taps; tap++) {
      const weight = values[y * taps + tap]!;
      if (weight === 0) continue;
      const from = (starts[y]! + tap - first) * stride;
      for (let i = 0; i < stride; i++) sums[i] = sums[i]! + data[from + i]! * weight;
    }
    const to = y * stride;
    for (let i = 0; i < stride; i++) result[to + i] = sums[i]! >> PRECISION;
  }
  return result;
}
