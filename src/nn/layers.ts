// Layers as functions that extend a scope's graph. Their parameters have torchvision's names: "<name>.weight", ".bias", ".running_mean",
// ".running_var". Batch norm in training stays one BatchNormalization node for its gradient rule; src/graph/lower.ts makes it runnable.

import { expected } from "../core/errors.ts";
import { sizeOf } from "../core/tensor.ts";
import { batchStatistics } from "../graph/batch-norm.ts";
import { float, staticShape, type Value } from "../graph/types.ts";
import type { Scope } from "./scope.ts";

/** A size along both axes, or one for rows and one for columns. */
export type Size = number | readonly [rows: number, columns: number];
/**
 * Zeros on both sides of each axis, or on the four sides; "same" pads so that the output's size is ⌈size / stride⌉, an odd zero at the end
 * (TensorFlow's rule).
 */
export type Padding = Size | readonly [top: number, left: number, bottom: number, right: number] | "same";

export interface ConvolutionOptions {
  /** Channels of the output. */
  readonly channels: number;
  /** Size of the kernel. */
  readonly kernel: Size;
  /** Default 1. */
  readonly stride?: number;
  /** Zeros on each side; default 0. */
  readonly padding?: Padding;
  /** Default 1; with as many groups as channels the convolution is depthwise. */
  readonly groups?: number;
  /** Default false, because batch norm follows. */
  readonly bias?: boolean;
}

/** A convolution: [n, c, h, w] to [n, channels, h', w']. */
export function conv2d(
  scope: Scope,
  name: string,
  x: Value,
  { channels, kernel, stride = 1, padding = 0, groups = 1, bias = false }: ConvolutionOptions,
): Value {
  const window = windowAttributes(x, kernel, stride, padding);
  const inputs = [x, scope.parameter(`${name}.weight`, [channels, channelsOf(x) / groups, ...window.kernel_shape], "weight")];
  if (bias) inputs.push(scope.parameter(`${name}.bias`, [channels], "bias"));
  return scope.graph.add("Conv", inputs, { ...window, group: groups }, { name });
}

/** ONNX's attributes of a window over the last two axes of `x`. */
export function windowAttributes(
  x: Value,
  kernel: Size,
  stride: number,
  padding: Padding,
): { kernel_shape: readonly [number, number]; strides: readonly number[]; pads: readonly number[] } {
  const sides = pairOf(kernel);
  return { kernel_shape: sides, strides: [stride, stride], pads: padding === "same" ? samePads(x, sides, stride) : fourSides(padding) };
}

function samePads(x: Value, sides: readonly number[], stride: number): readonly number[] {
  const total = sides.map((side, i) => {
    const size = sizeAlong(x, 2 + i);
    return Math.max(0, (Math.ceil(size / stride) - 1) * stride + side - size);
  });
  return [...total.map((count) => Math.floor(count / 2)), ...total.map((count) => Math.ceil(count / 2))];
}

function fourSides(padding: Exclude<Padding, "same">): readonly number[] {
  if (typeof padding !== "number" && padding.length === 4) return padding;
  return [...pairOf(padding), ...pairOf(padding)];
}

function pairOf(size: Size): readonly [number, number] {
  return typeof size === "number" ? [size, size] : size;
}

/** What batch norm adds to a variance unless a network says otherwise: PyTorch's. */
export const BATCH_NORM_EPSILON = 1e-5;

export interface BatchNormOptions {
  /** Added to the variance before the root; default 1e-5, PyTorch's. */
  readonly epsilon?: number;
  /** The weight of the new batch in the running statistics; default 0.1, PyTorch's. */
  readonly momentum?: number;
}

/**
 * Batch normalisation over axis 1 of [n, c, h, w] or [n, c] (Ioffe and Szegedy 2015). If the scope uses batch statistics, the new running
 * ones are recorded with it, with unbiased variance; throws a UsageError if there is only one value per channel.
 */
export function batchNorm(
  scope: Scope,
  name: string,
  x: Value,
  { epsilon = BATCH_NORM_EPSILON, momentum = 0.1 }: BatchNormOptions = {},
): Value {
  const { graph } = scope;
  const shape = [channelsOf(x)];
  const scale = scope.parameter(`${name}.weight`, shape, "scale");
  const shift = scope.parameter(`${name}.bias`, shape, "shift");
  const mean = scope.parameter(`${name}.running_mean`, shape, "mean");
  const variance = scope.parameter(`${name}.running_var`, shape, "variance");
  const inputs = [x, scale, shift, mean, variance];
  if (!scope.batchStatistics) return graph.add("BatchNormalization", inputs, { epsilon: float(epsilon) }, { name });

  const count = sizeOf(staticShape(x)) / channelsOf(x);
  if (count < 2) {
    throw expected(
      "more than one value per channel",
      `batch norm "${name}"`,
      count,
      "Train with at least two images per batch, or freeze batch norm.",
    );
  }
  const statistics = batchStatistics(graph, x, epsilon);
  const blend = (old: Value, fresh: Value, weight: number): Value =>
    graph.add("Add", [
      graph.add("Mul", [old, graph.scalar(1 - momentum)]),
      graph.add("Mul", [graph.add("Reshape", [fresh, graph.ints(shape)]), graph.scalar(weight)]),
    ]);
  scope.statistic(`${name}.running_mean`, blend(mean, statistics.mean, momentum));
  scope.statistic(`${name}.running_var`, blend(variance, statistics.variance, (momentum * count) / (count - 1)));
  return graph.add("BatchNormalization", inputs, { epsilon: float(epsilon), momentum: float(1 - momentum), training_mode: 1 }, { name });
}

export interface NormalisedOptions extends ConvolutionOptions, BatchNormOptions {
  /** Side of the kernel. */
  readonly kernel: number;
  /** Default: as many zeros on each side as keep the size where the stride is 1. */
  readonly padding?: Padding;
}

/** The convolution `conv`, then the batch norm `norm`: [n, c, h, w] to [n, channels, h', w']. */
export function normalisedConv(scope: Scope, conv: string, norm: string, x: Value, options: NormalisedOptions): Value {
  const { epsilon, momentum, ...convolution } = options;
  const padded = { padding: (options.kernel - 1) / 2, ...convolution };
  return batchNorm(scope, norm, conv2d(scope, conv, x, padded), { ...(epsilon && { epsilon }), ...(momentum && { momentum }) });
}

/** A matrix product with bias over the last axis: [n, c] to [n, outputs], or [n, tokens, c] to [n, tokens, outputs]. */
export function linear(scope: Scope, name: string, x: Value, outputs: number): Value {
  const { graph } = scope;
  const weight = scope.parameter(
    `${name}.weight`,
    [outputs, x.shape.length === 2 ? channelsOf(x) : sizeAlong(x, x.shape.length - 1)],
    "weight",
  );
  const bias = scope.parameter(`${name}.bias`, [outputs], "bias");
  if (x.shape.length === 2) return graph.add("Gemm", [x, weight, bias], { transB: 1 }, { name });
  return graph.add("Add", [graph.add("MatMul", [x, graph.add("Transpose", [weight], { perm: [1, 0] })]), bias], {}, { name });
}

/** max(x, 0). */
export function relu(scope: Scope, x: Value): Value {
  return scope.graph.add("Relu", [x]);
}

/** x clipped to [0, 6] (MobileNet's activation). */
export function relu6(scope: Scope, x: Value): Value {
  return scope.graph.add("Clip", [x, scope.graph.scalar(0), scope.graph.scalar(6)]);
}

/**
 * Drops each element with probability `p` in [0, 1) and scales the others by 1/(1 − p) (inverted dropout; Srivastava et al. 2014), with the
 * scope's mask; in inference it returns `x` itself.
 */
export function dropout(scope: Scope, name: string, x: Value, p: number): Value {
  if (!scope.training || p === 0) return x;
  return scope.graph.add("Mul", [x, scope.mask(name, staticShape(x), p)], {}, { name });
}

/**
 * Drops all of `branch` for each image with probability `p` in [0, 1) and scales it by 1/(1 − p) otherwise (Huang et al. 2016,
 * torchvision's "row" mode); in inference it returns `branch` itself.
 */
export function stochasticDepth(scope: Scope, name: string, branch: Value, p: number): Value {
  if (!scope.training || p === 0) return branch;
  const perImage = staticShape(branch).map((size, axis) => (axis === 0 ? size : 1));
  return scope.graph.add("Mul", [branch, scope.mask(name, perImage, p)], {}, { name });
}

/** Number of channels, the size of axis 1. */
export function channelsOf(x: Value): number {
  const channels = x.shape[1];
  if (typeof channels !== "number") throw new Error(`${x.name} [${x.shape}] has no fixed number of channels`);
  return channels;
}

/** The size of `axis`; throws if it is known only when the graph runs. */
export function sizeAlong(x: Value, axis: number): number {
  const size = x.shape[axis];
  if (typeof size !== "number") throw new Error(`${x.name} [${x.shape}] has no fixed size along axis ${axis}`);
  return size;
}
