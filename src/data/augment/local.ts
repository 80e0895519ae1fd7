// Changes of pixels by their neighbours (blur, sharpness) or their place (squares cut out). They work on a region of the canvas and give the
// part of it that is wanted, as if the whole canvas had been worked on.

import { randomStream } from "../../core/random.ts";
import type { RgbImage } from "../decode/image.ts";
import type { Box } from "../pixels/resample.ts";
import type { LocalStep } from "./steps.ts";

/** How many pixels around a pixel decide on it. */
export function reachOf(step: LocalStep): number {
  return step.kind === "blur" ? step.strength - 1 : step.kind === "sharpness" ? 1 : 0;
}

/** `box` made wider by `reach` on all sides, inside the canvas. */
export function widened(box: Box, reach: number, width: number, height: number): Box {
  const left = Math.max(0, box.left - reach);
  const top = Math.max(0, box.top - reach);
  return {
    left,
    top,
    width: Math.min(width, box.left + box.width + reach) - left,
    height: Math.min(height, box.top + box.height + reach) - top,
  };
}

/**
 * The pixels of `window` after `step`, from those of `region`, which covers `window` widened by the reach of the step, on a canvas of
 * `width` by `height`. May change `part` in place.
 */
export function changeLocally(part: RgbImage, region: Box, window: Box, step: LocalStep, width: number, height: number): RgbImage {
  switch (step.kind) {
    case "blur":
      return blurred(part, region, window, gaussianWeights(step.strength), width, height);
    case "sharpness":
      return sharpened(part, region, window, step.factor, width, height);
    case "holes":
      for (const box of step.boxes) paint(part, region, box, () => 0);
      return part;
    case "erase": {
      const { fill } = step;
      if (!("noise" in fill)) paint(part, region, step.box, (channel) => fill[channel]!);
      else {
        const random = randomStream("erase", fill.noise);
        paint(part, region, step.box, () => random.bits() & 0xff);
      }
      return part;
    }
  }
}

function paint({ data, width: stride }: RgbImage, region: Box, box: Box, value: (channel: number) => number): void {
  const { left, top, width, height } = intersection(box, region);
  for (let y = top; y < top + height; y++) {
    const line = ((y - region.top) * stride + left - region.left) * 3;
    for (let i = 0; i < width * 3; i++) data[line + i] = value(i % 3);
  }
}

function intersection(a: Box, b: Box): Box {
  const left = Math.max(a.left, b.left);
  const top = Math.max(a.top, b.top);
  return {
    left,
    top,
    width: Math.min(a.left + a.width, b.left + b.width) - left,
    height: Math.min(a.top + a.height, b.top + b.height) - top,
  };
}

// OpenCV's kernels: written down up to 7 pixels, the bell curve with a deviation that follows the width beyond.
const SMALL: readonly (readonly number[])[] = [
  [1],
  [0.25, 0.5, 0.25],
  [0.0625, 0.25, 0.375, 0.25, 0.0625],
  [0.03125, 0.109375, 0.21875, 0.28125, 0.21875, 0.109375, 0.03125],
];

// In fixed point, adding up to 1 exactly: 15 bits, so that two passes stay within 32.
const WEIGHT_BITS = 15;

function gaussianWeights(strength: number): Int32Array {
  const width = 2 * strength - 1;
  const deviation = 0.3 * ((width - 1) / 2 - 1) + 0.8;
  const bell = SMALL[strength - 1] ?? Array.from({ length: width }, (_, i) => Math.exp(-((i - strength + 1) ** 2) / (2 * deviation ** 2)));
  const sum = bell.reduce((total, value) => total + value, 0);
  const weights = Int32Array.from(bell, (value) => Math.round((value / sum) * (1 << WEIGHT_BITS)));
  weights[strength - 1]! += (1 << WEIGHT_BITS) - weights.reduce((total, value) => total + value, 0);
  return weights;
}

function blurred(part: RgbImage, region: Box, window: Box, weights: Int32Array, width: number, height: number): RgbImage {
  const reach = (weights.length - 1) / 2;
  const columns = positions(window.left, window.width, reach, width, region.left);
  const rows = positions(window.top, window.height, reach, height, region.top);
  const stride = window.width * 3;
  const sums = new Int32Array(stride);
  const line = new Uint16Array(columns.length * 3);
  // Between the passes, pixels keep 8 bits behind the point.
  const across = new Uint16Array(region.height * stride);
  for (let y = 0; y < region.height; y++) {
    for (let x = 0, to = 0; x < columns.length; x++, to += 3) {
      const from = (y * part.width + columns[x]!) * 3;
      line[to] = part.data[from]!;
      line[to + 1] = part.data[from + 1]!;
      line[to + 2] = part.data[from + 2]!;
    }
    sums.fill(1 << (WEIGHT_BITS - 9));
    for (let tap = 0; tap < reach; tap++) addPair(sums, line, tap * 3, (2 * reach - tap) * 3, weights[tap]!);
    addPair(sums, line, reach * 3, -1, weights[reach]!);
    for (let i = 0; i < stride; i++) across[y * stride + i] = sums[i]! >> (WEIGHT_BITS - 8);
  }
  const data = new Uint8Array(window.height * stride);
  for (let y = 0; y < window.height; y++) {
    sums.fill(1 << (WEIGHT_BITS + 7));
    for (let tap = 0; tap < reach; tap++)
      addPair(sums, across, rows[y + tap]! * stride, rows[y + 2 * reach - tap]! * stride, weights[tap]!);
    addPair(sums, across, rows[y + reach]! * stride, -1, weights[reach]!);
    for (let i = 0; i < stride; i++) data[y * stride + i] = sums[i]! >> (WEIGHT_BITS + 8);
  }
  return { width: window.width, height: window.height, data };
}

// Adds two places that weigh the same, or, where `second` is negative, one.
function addPair(sums: Int32Array, values: Uint16Array, first: number, second: number, weight: number): void {
  if (second < 0) for (let i = 0; i < sums.length; i++) sums[i] = sums[i]! + Math.imul(values[first + i]!, weight);
  else for (let i = 0; i < sums.length; i++) sums[i] = sums[i]! + Math.imul(values[first + i]! + values[second + i]!, weight);
}

// The pixels from `start` − reach on, mirrored at the centre of the canvas's last pixel (dcb|abcd|cba), counted from `origin`.
function positions(start: number, count: number, reach: number, length: number, origin: number): Int32Array {
  const period = Math.max(1, 2 * (length - 1));
  return Int32Array.from({ length: count + 2 * reach }, (_, i) => {
    const folded = (((start + i - reach) % period) + period) % period;
    return (folded < length ? folded : period - folded) - origin;
  });
}

// Away from (factor > 1) or towards (factor < 1) a 3 × 3 mean with a centre of 5/13, as torchvision; the canvas's outermost pixels stay.
function sharpened(part: RgbImage, region: Box, window: Box, factor: number, width: number, height: number): RgbImage {
  const { data } = part;
  const stride = part.width * 3;
  const result = new Uint8ClampedArray(window.width * window.height * 3);
  for (let y = window.top, to = 0; y < window.top + window.height; y++) {
    for (let x = window.left; x < window.left + window.width; x++) {
      const edge = x === 0 || y === 0 || x === width - 1 || y === height - 1;
      const from = (y - region.top) * stride + (x - region.left) * 3;
      for (let p = from; p < from + 3; p++, to++) {
        const value = data[p]!;
        if (edge) {
          result[to] = value;
          continue;
        }
        const [above, below] = [p - stride, p + stride];
        const around =
          data[above - 3]! +
          data[above]! +
          data[above + 3]! +
          data[p - 3]! +
          data[p + 3]! +
          data[below - 3]! +
          data[below]! +
          data[below + 3]!;
        const soft = (around + 5 * value) / 13;
        result[to] = soft + (value - soft) * factor;
      }
    }
  }
  return { width: window.width, height: window.height, data: new Uint8Array(result.buffer) };
}
