// Layers as functions that extend a scope's graph. Their parameters carry torchvision's names: "<name>.weight", ".bias", ".running_mean", ".running_var".
// Batch norm in training stays one BatchNormalization node, so that its gradient rule can see it; src/graph/lower.ts makes it runnable.

import { expected } from "../core/errors.ts";
import { sizeOf } from "../core/tensor.ts";
import { batchStatistics } from "../graph/gradients/normalization.ts";
import { float, staticShape, type Value } from "../graph/types.ts";
import type { Scope } from "./scope.ts";

/** PyTorch's default for batch norm: what is added to the variance before the root. */
const EPSILON = 1e-5;
/** PyTorch's default for batch norm: the weight of the new batch in the running statistics. */
const MOMENTUM = 0.1;

export interface ConvolutionOptions {
  /** Channels of the output. */
  readonly channels: number;
  /** Side of the square kernel. */
  readonly kernel: number;
  /** Default 1. */
  readonly stride?: number;
  /** Zeros on each side; default 0. */
  readonly padding?: number;
  /** Default 1; as many as channels makes the convolution depthwise. */
  readonly groups?: number;
  /** Default false: batch norm follows. */
  readonly bias?: boolean;
}

/** A convolution with a square kernel: [n, c, h, w] to [n, channels, h', w']. */
export function conv2d(
  scope: Scope,
  name: string,
  x: Value,
  { channels, kernel, stride = 1, padding = 0, groups = 1, bias = false }: ConvolutionOptions,
): Value {
  const inputs = [x, scope.parameter(`${name}.weight`, [channels, channelsOf(x) / groups, kernel, kernel], "weight")];
  if (bias) inputs.push(scope.parameter(`${name}.bias`, [channels], "bias"));
  const attributes = {
    kernel_shape: [kernel, kernel],
    strides: [stride, stride],
    pads: [padding, padding, padding, padding],
    group: groups,
  };
  return scope.graph.add("Conv", inputs, attributes, { name });
}

/**
 * Batch normalisation over axis 1 of [n, c, h, w] or [n, c] (Ioffe and Szegedy 2015), with PyTorch's ε 1e-5 and momentum 0.1. Where the
 * scope asks for batch statistics, the new running ones are recorded with it, the variance unbiased; this needs more than one value per
 * channel and throws a UsageError otherwise.
 */
export function batchNorm(scope: Scope, name: string, x: Value): Value {
  const { graph } = scope;
  const shape = [channelsOf(x)];
  const scale = scope.parameter(`${name}.weight`, shape, "scale");
  const shift = scope.parameter(`${name}.bias`, shape, "shift");
  const mean = scope.parameter(`${name}.running_mean`, shape, "mean");
  const variance = scope.parameter(`${name}.running_var`, shape, "variance");
  const inputs = [x, scale, shift, mean, variance];
  if (!scope.batchStatistics) return graph.add("BatchNormalization", inputs, { epsilon: float(EPSILON) }, { name });

  const count = sizeOf(staticShape(x)) / channelsOf(x);
  if (count < 2) {
    throw expected(
      "more than one value per channel",
      `batch norm "${name}"`,
      count,
      "Train with at least two images per batch, or freeze batch norm.",
    );
  }
  const statistics = batchStatistics(graph, x, EPSILON);
  const blend = (old: Value, fresh: Value, weight: number): Value =>
    graph.add("Add", [
      graph.add("Mul", [old, graph.scalar(1 - MOMENTUM)]),
      graph.add("Mul", [graph.add("Reshape", [fresh, graph.ints(shape)]), graph.scalar(weight)]),
    ]);
  scope.statistic(`${name}.running_mean`, blend(mean, statistics.mean, MOMENTUM));
  scope.statistic(`${name}.running_var`, blend(variance, statistics.variance, (MOMENTUM * count) / (count - 1)));
  return graph.add("BatchNormalization", inputs, { epsilon: float(EPSILON), momentum: float(1 - MOMENTUM), training_mode: 1 }, { name });
}

/** A matrix product with bias: [n, c] to [n, outputs]. */
export function linear(scope: Scope, name: string, x: Value, outputs: number): Value {
  const weight = scope.parameter(`${name}.weight`, [outputs, channelsOf(x)], "weight");
  const bias = scope.parameter(`${name}.bias`, [outputs], "bias");
  return scope.graph.add("Gemm", [x, weight, bias], { transB: 1 }, { name });
}

/** max(x, 0). */
export function relu(scope: Scope, x: Value): Value {
  return scope.graph.add("Relu", [x]);
}

/** x clipped to [0, 6] (MobileNet's activation). */
export function relu6(scope: Scope, x: Value): Value {
  return scope.graph.add("Clip", [x, scope.graph.scalar(0), scope.graph.scalar(6)]);
}

export interface PoolOptions {
  /** Side of the square window. */
  readonly kernel: number;
  readonly stride: number;
  /** Default 0. */
  readonly padding?: number;
  /** Whether a window that reaches over the edge counts; default false. */
  readonly ceil?: boolean;
}

/** The maximum of each window: [n, c, h, w] to [n, c, h', w']. */
export function maxPool(scope: Scope, x: Value, { kernel, stride, padding = 0, ceil = false }: PoolOptions): Value {
  const attributes = {
    kernel_shape: [kernel, kernel],
    strides: [stride, stride],
    pads: [padding, padding, padding, padding],
    ceil_mode: ceil ? 1 : 0,
  };
  return scope.graph.add("MaxPool", [x], attributes);
}

/** The mean of each channel: [n, c, h, w] to [n, c]. */
export function averagePool(scope: Scope, x: Value): Value {
  return scope.graph.add("Flatten", [scope.graph.add("GlobalAveragePool", [x])], { axis: 1 });
}

/** fastai's adaptive concat pool: each channel's maximum, then each channel's mean: [n, c, h, w] to [n, 2c]. */
export function concatPool(scope: Scope, x: Value): Value {
  const { graph } = scope;
  const pooled = graph.add("Concat", [graph.add("GlobalMaxPool", [x]), graph.add("GlobalAveragePool", [x])], { axis: 1 });
  return graph.add("Flatten", [pooled], { axis: 1 });
}

/** Drops each element with probability `p` in [0, 1) and scales the rest by 1/(1 − p), by the scope's mask; in inference it is `x` itself. */
export function dropout(scope: Scope, name: string, x: Value, p: number): Value {
  if (!scope.training || p === 0) return x;
  return scope.graph.add("Mul", [x, scope.mask(name, staticShape(x), p)], {}, { name });
}

/** Number of channels, the size of axis 1. */
export function channelsOf(x: Value): number {
  const channels = x.shape[1];
  if (typeof channels !== "number") throw new Error(`${x.name} [${x.shape}] has no fixed number of channels`);
  return channels;
}
