// The integers of an 8-bit graph: scale and zero point of a range, weights and bias of a convolution.

import { sizeOf, type Tensor, zeros } from "../../core/tensor.ts";

/** The smallest and largest value of a tensor that must be told apart; what lies outside is clipped. */
export type Range = readonly [low: number, high: number];

/** How uint8 stands for numbers: value = (integer − zero) · scale. */
export interface Uint8Scale {
  readonly scale: number;
  readonly zero: number;
}

/**
 * The largest weight. Two products of a uint8 with such a weight fit into 16 bits (2 · 255 · 64 < 2¹⁵), so that no processor's 8-bit
 * instructions saturate: x86 without VNNI adds pairs in 16 bits, and relaxed WebAssembly promises equal results for 7-bit weights only.
 */
export const LARGEST_WEIGHT = 64;
const LARGEST_BIAS = 2 ** 30;

const SMALLEST_NORMAL = 2 ** -126;

/**
 * Scale and zero point of `range`, stretched to hold 0: padding and ReLU need an exact zero. A range of 0 alone, or too small for full
 * float32 precision, gets the scale 1.
 */
export function uint8Scale([low, high]: Range): Uint8Scale {
  const bottom = Math.min(low, 0);
  const step = Math.fround((Math.max(high, 0) - bottom) / 255);
  const scale = step < SMALLEST_NORMAL ? 1 : step;
  return { scale, zero: Math.min(255, Math.round(Math.abs(bottom) / scale)) };
}

export interface IntegerConvolution {
  /** int8 in [−64, 64], the shape of the float weights [out, in, ...]. */
  readonly weight: Tensor<"int8">;
  /** float32 [out]: weight ≈ integer · scale, one for each output channel. */
  readonly scales: Tensor<"float32">;
  /** int32 [out], in units of inputScale · scale. */
  readonly bias: Tensor<"int32">;
}

/** Rounds a convolution's weights [out, in, ...] and bias [out] to integers, symmetric for each output channel (Krishnamoorthi 2018). */
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
    let largest = 0;
    for (let i = channel * filter; i < (channel + 1) * filter; i++) largest = Math.max(largest, Math.abs(weight.data[i]!));
    // Where batch norm has silenced a channel its weights are next to nothing, and the bias alone sets how fine the scale may be.
    const scale = Math.fround(Math.max(largest / LARGEST_WEIGHT, Math.abs(offset) / (inputScale * LARGEST_BIAS))) || 1;
    result.scales.data[channel] = scale;
    result.bias.data[channel] = Math.round(offset / (inputScale * scale));
    for (let i = channel * filter; i < (channel + 1) * filter; i++)
      result.weight.data[i] = Math.max(-LARGEST_WEIGHT, Math.min(LARGEST_WEIGHT, Math.round(weight.data[i]! / scale)));
  }
  return result;
}
