// Antialiased bilinear scaling of 8-bit RGB, bit for bit as Pillow's Image.resize(..., BILINEAR): two passes, horizontal first, each rounded
// to 8 bits, with weights in fixed point. Only the requested rows and columns are computed, by kernels/resample.ts.

import { kernelOf } from "../../core/kernel.ts";
import type { RgbImage } from "../decode/image.ts";
import type { Box } from "./box.ts";
import { KERNEL } from "./resample-kernel.ts";

/** For each output position along one axis: the first input position and the weights of `taps` from there on, laid out for the kernel. */
interface Weights {
  /** A multiple of four; unused taps weigh 0. */
  readonly taps: number;
  readonly starts: Int32Array;
  readonly values: Int16Array;
}

// As in Pillow: 8 bits of pixel, 22 of weight and 2 to spare make 32. The kernel takes weights in two halves of 11 bits.
const PRECISION = 22;
const LOW_BITS = 11;
// Rows processed together, so that they and the weights stay in the processor's cache.
const BLOCK = 16;

interface Passes {
  horizontal(
    from: number,
    stride: number,
    to: number,
    toStride: number,
    rows: number,
    width: number,
    starts: number,
    weights: number,
    taps: number,
  ): void;
  vertical(
    from: number,
    stride: number,
    to: number,
    toStride: number,
    length: number,
    height: number,
    starts: number,
    weights: number,
    taps: number,
  ): void;
}

const openKernel = kernelOf<Passes>(KERNEL);

/**
 * Scales the part `from` of `image` (all of it unless given) to `width` by `height`, and returns the part `region` of the result (all
 * unless given). The filter is a triangle as wide as the shrinking needs, centres of pixels at half (Pillow's BILINEAR; torchvision's with
 * antialias).
 */
export function resize(image: RgbImage, width: number, height: number, region?: Box, from?: Box): RgbImage {
  const wanted = region ?? { left: 0, top: 0, width, height };
  const source = from ?? { left: 0, top: 0, width: image.width, height: image.height };
  const rows = triangleWeights(source.top, source.height, height, wanted.top, wanted.height, image.height);
  const columns = triangleWeights(source.left, source.width, width, wanted.left, wanted.width, image.width);
  const first = rows ? rows.starts[0]! : source.top + wanted.top;
  const last = rows ? Math.min(image.height, rows.starts[wanted.height - 1]! + rows.taps) : first + wanted.height;
  const left = columns ? 0 : source.left + wanted.left;
  const data = columns || rows ? scale(image, wanted, columns, rows, left, first, last) : copy(image, wanted, left, first);
  return { width: wanted.width, height: wanted.height, data };
}

// The weights of one axis; undefined if the length does not change, so that pixels are only copied.
function triangleWeights(
  start: number,
  length: number,
  outputLength: number,
  outputStart: number,
  count: number,
  limit: number,
): Weights | undefined {
  if (length === outputLength) return undefined;
  const factor = length / outputLength;
  const support = Math.max(factor, 1);
  const taps = Math.ceil(Math.ceil(2 * support) / 4) * 4;
  const starts = new Int32Array(count);
  const values = new Int16Array(count * taps * 2);
  // One more than is used: rounding at the two ends can add a weight of about 1e-16.
  const row = new Float64Array(taps + 1);
  for (let index = 0; index < count; index++) {
    const centre = start + (outputStart + index + 0.5) * factor;
    const low = Math.max(0, Math.trunc(centre - support + 0.5));
    const high = Math.min(limit, Math.trunc(centre + support + 0.5));
    let sum = 0;
    for (let tap = 0; tap < high - low; tap++) {
      row[tap] = Math.max(0, 1 - Math.abs((tap + low - centre + 0.5) / support));
      sum += row[tap]!;
    }
    // Moved back at the far border, so that unused weights do not point beyond the image.
    starts[index] = Math.max(0, Math.min(low, limit - taps));
    const offset = low - starts[index]!;
    for (let tap = 0; tap < high - low; tap++) {
      const weight = Math.trunc(0.5 + (row[tap]! / sum) * (1 << PRECISION));
      // Four high halves, then their four low halves.
      const at = index * taps * 2 + ((offset + tap) >> 2) * 8 + ((offset + tap) & 3);
      values[at] = weight >> LOW_BITS;
      values[at + 4] = weight & ((1 << LOW_BITS) - 1);
    }
  }
  return { taps, starts, values };
}

// Scales the rows from `first` to `last`; without `columns`, the columns from `left` on are copied, and without `rows`, the rows.
function scale(
  image: RgbImage,
  { width, height }: Box,
  columns: Weights | undefined,
  rows: Weights | undefined,
  left: number,
  first: number,
  last: number,
): Uint8Array {
  const stride = image.width * 3;
  const length = width * 3;
  // The kernel writes a byte beyond each row of the first pass, and up to 15 beyond those of the second.
  const narrowStride = roundUp(length + 1);
  const narrowRows = Math.max(last - first, rows?.taps ?? 0);
  let size = 0;
  const take = (bytes: number) => {
    const address = size;
    size += roundUp(bytes + 16);
    return address;
  };
  const block = take(columns ? BLOCK * stride : 0);
  const narrow = take(narrowRows * narrowStride);
  const result = take(rows ? height * length : 0);
  const columnTable = take(tableBytes(columns));
  const rowTable = take(tableBytes(rows));
  const {
    functions: { horizontal, vertical },
    buffer,
  } = openKernel(size);
  const bytes = new Uint8Array(buffer);
  if (columns) {
    const weights = writeTable(bytes, columns, 3, 0, columnTable);
    for (let y = first; y < last; y += BLOCK) {
      const count = Math.min(BLOCK, last - y);
      bytes.set(image.data.subarray(y * stride, (y + count) * stride), block);
      horizontal(block, stride, narrow + (y - first) * narrowStride, narrowStride, count, width, columnTable, weights, columns.taps);
    }
  } else {
    for (let y = first; y < last; y++) {
      const at = y * stride + left * 3;
      bytes.set(image.data.subarray(at, at + length), narrow + (y - first) * narrowStride);
    }
  }
  if (rows) {
    const weights = writeTable(bytes, rows, narrowStride, first, rowTable);
    vertical(narrow, narrowStride, result, length, length, height, rowTable, weights, rows.taps);
    return bytes.slice(result, result + height * length);
  }
  const data = new Uint8Array(height * length);
  for (let y = 0; y < height; y++) data.set(bytes.subarray(narrow + y * narrowStride, narrow + y * narrowStride + length), y * length);
  return data;
}

function copy(image: RgbImage, { width, height }: Box, left: number, first: number): Uint8Array {
  const stride = image.width * 3;
  if (width === image.width) return image.data.subarray(first * stride, (first + height) * stride);
  const data = new Uint8Array(height * width * 3);
  for (let y = 0; y < height; y++) {
    const at = (first + y) * stride + left * 3;
    data.set(image.data.subarray(at, at + width * 3), y * width * 3);
  }
  return data;
}

function tableBytes(weights: Weights | undefined): number {
  return weights ? weights.starts.byteLength + weights.values.byteLength : 0;
}

// Writes the starts in bytes and then the weights, whose address it returns.
function writeTable(bytes: Uint8Array, { starts, values }: Weights, step: number, first: number, address: number): number {
  bytes.set(new Uint8Array(starts.map((start) => (start - first) * step).buffer), address);
  bytes.set(new Uint8Array(values.buffer), address + starts.byteLength);
  return address + starts.byteLength;
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / 16) * 16;
}
