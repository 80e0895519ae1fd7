// The integers in an 8-bit graph: scale and zero point of a range, weights and bias of a convolution.

import { sizeOf, type Tensor, zeros } from "../../core/tensor.ts";

/** The smallest and largest value of a tensor that 8 bit must represent; values outside are clipped. */
export type ValueRange = readonly [low: number, high: number];

/** The uint8 encoding of numbers: value = (integer − zero) · scale. */
export interface Uint8Scale {
  readonly scale: number;
  readonly zero: number;
}

/**
 * The largest sum of the weights of two neighbouring channels. x86 without VNNI adds the products of such a pair with two uint8 in 16 bits,
 * in which at most 255 · 128 fits.
 */
export const LARGEST_PAIR = 128;
/** The largest weight if nothing is added in 16 bits, as in depthwise convolutions. */
const LARGEST_WEIGHT = 127;
const LARGEST_BIAS = 2 ** 30;

const SMALLEST_NORMAL = 2 ** -126;

/**
 * Scale and zero point of a range, extended to include 0: padding and ReLU need an exact zero. A range of only 0, or one too small for full
 * float32 precision, gets the scale 1.
 */
export function uint8Scale([low, high]: ValueRange): Uint8Scale {
  const bottom = Math.min(low, 0);
  const step = Math.fround((Math.max(high, 0) - bottom) / 255);
  const scale = step < SMALLEST_NORMAL ? 1 : step;
  return { scale, zero: Math.min(255, Math.round(Math.abs(bottom) / scale)) };
}

export interface IntegerConvolution {
  /** int8, the shape of the float weights [out, in, ...]. */
  readonly weight: Tensor<"int8">;
  /** float32 [out]: weight ≈ integer · scale, one for each output channel. */
  readonly scales: Tensor<"float32">;
  /** int32 [out], in units of inputScale · scale. */
  readonly bias: Tensor<"int32">;
}

/** Rounds a convolution's weights [out, in, ...] and bias [out] to integers, symmetrically per output channel (Krishnamoorthi 2018). */
export function integerConvolution(weight: Tensor<"float32">, bias: Tensor | undefined, inputScale: number): IntegerConvolution {
  const channels = weight.shape[0] as number;
  const filter = sizeOf(weight.shape.slice(1));
  const result = {
    weight: zeros("int8", weight.shape),
    scales: zeros("float32", [channels]),
    bias: zeros("int32", [channels]),
  };
  for (let channel = 0; channel < channels; channel++) {
    const offset = Number(bias?.data[channel] ?? 0);
    const step = stepOf(weight.data.subarray(channel * filter, (channel + 1) * filter), weight.shape);
    // If batch norm has silenced a channel, its weights are almost zero, and only the bias limits how fine the scale can be.
    const scale = Math.fround(Math.max(step, Math.abs(offset) / (inputScale * LARGEST_BIAS))) || 1;
    result.scales.data[channel] = scale;
    result.bias.data[channel] = Math.round(offset / (inputScale * scale));
    for (let i = channel * filter; i < (channel + 1) * filter; i++)
      result.weight.data[i] = Math.max(-LARGEST_WEIGHT, Math.min(LARGEST_WEIGHT, Math.round(weight.data[i]! / scale)));
  }
  return result;
}

/** The finest scale at which the weights `filter` of one output channel of [out, in, ...] do not saturate. */
function stepOf(filter: Float32Array, [out, channels, ...window]: readonly number[]): number {
  const largest = filter.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (channels === 1 && (out as number) > 1) return largest / LARGEST_WEIGHT;
  // In a larger window the engine chooses which weights are neighbours, so any two may be.
  if (sizeOf(window) > 1) return largest / (LARGEST_PAIR / 2);
  let pair = largest;
  for (let i = 0; i + 1 < filter.length; i += 2) pair = Math.max(pair, Math.abs(filter[i]!) + Math.abs(filter[i + 1]!));
  // One less than the maximum, because rounding may add half a step to both.
  return pair / (LARGEST_PAIR - 1);
}

/**
 * The mean error [out] of a convolution's output channels from rounding its weights, given the mean of each input channel. It is added to
 * the bias (Nagel et al. 2019).
 */
export function meanError(
  weight: Tensor<"float32">,
  { weight: integers, scales }: IntegerConvolution,
  means: ArrayLike<number>,
): Float64Array {
  const [out, channels, ...window] = weight.shape as [number, number, ...number[]];
  const places = sizeOf(window);
  // The input channels of an output channel's group begin here.
  const perGroup = out / (means.length / channels);
  return Float64Array.from({ length: out }, (_, channel) => {
    const first = Math.floor(channel / perGroup) * channels;
    let error = 0;
    for (let i = 0; i < channels * places; i++) {
      const at = channel * channels * places + i;
      error += (weight.data[at]! - integers.data[at]! * scales.data[channel]!) * means[first + Math.floor(i / places)]!;
    }
    return error;
  });
}
