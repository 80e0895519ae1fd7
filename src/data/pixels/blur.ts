// Gaussian blur as in OpenCV, in fixed point.

import type { RgbImage } from "../decode/image.ts";
import type { Box } from "./box.ts";
import type { CanvasPart } from "./canvas-part.ts";

// OpenCV's kernels of up to 7 pixels are constants; wider ones are sampled from the bell curve.
const SMALL: readonly (readonly number[])[] = [
  [1],
  [0.25, 0.5, 0.25],
  [0.0625, 0.25, 0.375, 0.25, 0.0625],
  [0.03125, 0.109375, 0.21875, 0.28125, 0.21875, 0.109375, 0.03125],
];

// Weights in fixed point, adding up to exactly 1: 15 bits, so that both passes stay within 32.
const WEIGHT_BITS = 15;

/** How many pixels away a pixel still counts. */
export const blurReach = (strength: number): number => strength - 1;

/**
 * The pixels of `window` blurred by a kernel of 2·strength − 1 pixels; beyond 7 pixels its deviation is 0.3·((width − 1)/2 − 1) + 0.8. `part`
 * must cover `window` extended by blurReach.
 */
export function blurred({ image, region, width, height }: CanvasPart, window: Box, strength: number): RgbImage {
  const weights = gaussianWeights(strength);
  const reach = blurReach(strength);
  const columns = positions(window.left, window.width, reach, width, region.left);
  const rows = positions(window.top, window.height, reach, height, region.top);
  const stride = window.width * 3;
  const sums = new Int32Array(stride);
  const line = new Uint16Array(columns.length * 3);
  // Between the passes, pixels have 8 fractional bits.
  const across = new Uint16Array(region.height * stride);
  for (let y = 0; y < region.height; y++) {
    for (let x = 0, to = 0; x < columns.length; x++, to += 3) {
      const from = (y * image.width + columns[x]!) * 3;
      line[to] = image.data[from]!;
      line[to + 1] = image.data[from + 1]!;
      line[to + 2] = image.data[from + 2]!;
    }
    sums.fill(1 << (WEIGHT_BITS - 9));
    for (let tap = 0; tap < reach; tap++) addPair(sums, line, tap * 3, (2 * reach - tap) * 3, weights[tap]!);
    addOne(sums, line, reach * 3, weights[reach]!);
    for (let i = 0; i < stride; i++) across[y * stride + i] = sums[i]! >> (WEIGHT_BITS - 8);
  }
  const data = new Uint8Array(window.height * stride);
  for (let y = 0; y < window.height; y++) {
    sums.fill(1 << (WEIGHT_BITS + 7));
    for (let tap = 0; tap < reach; tap++)
      addPair(sums, across, rows[y + tap]! * stride, rows[y + 2 * reach - tap]! * stride, weights[tap]!);
    addOne(sums, across, rows[y + reach]! * stride, weights[reach]!);
    for (let i = 0; i < stride; i++) data[y * stride + i] = sums[i]! >> (WEIGHT_BITS + 8);
  }
  return { width: window.width, height: window.height, data };
}

function gaussianWeights(strength: number): Int32Array {
  const width = 2 * strength - 1;
  const deviation = 0.3 * ((width - 1) / 2 - 1) + 0.8;
  const bell = SMALL[strength - 1] ?? Array.from({ length: width }, (_, i) => Math.exp(-((i - strength + 1) ** 2) / (2 * deviation ** 2)));
  const sum = bell.reduce((total, value) => total + value, 0);
  const weights = Int32Array.from(bell, (value) => Math.round((value / sum) * (1 << WEIGHT_BITS)));
  weights[strength - 1]! += (1 << WEIGHT_BITS) - weights.reduce((total, value) => total + value, 0);
  return weights;
}

// The kernel is symmetric: two values share a weight.
function addPair(sums: Int32Array, values: Uint16Array, first: number, second: number, weight: number): void {
  for (let i = 0; i < sums.length; i++) sums[i] = sums[i]! + Math.imul(values[first + i]! + values[second + i]!, weight);
}

function addOne(sums: Int32Array, values: Uint16Array, from: number, weight: number): void {
  for (let i = 0; i < sums.length; i++) sums[i] = sums[i]! + Math.imul(values[from + i]!, weight);
}

// The pixels from `start` − reach on, mirrored about the centre of the canvas's outermost pixels (dcb|abcd|cba), counted from `origin`.
function positions(start: number, count: number, reach: number, length: number, origin: number): Int32Array {
  const period = Math.max(1, 2 * (length - 1));
  return Int32Array.from({ length: count + 2 * reach }, (_, i) => {
    const folded = (((start + i - reach) % period) + period) % period;
    return (folded < length ? folded : period - folded) - origin;
  });
}
