// Pooling: over windows inside a network, and global pooling at its end.

import { sliceOf } from "../graph/slice.ts";
import type { Value } from "../graph/types.ts";
import { type Padding, type Size, sizeAlong, windowAttributes } from "./layers.ts";
import type { Scope } from "./scope.ts";

export interface PoolOptions {
  /** Size of the window. */
  readonly kernel: Size;
  readonly stride: number;
  /** Default 0. */
  readonly padding?: Padding;
  /** Whether windows that extend over the edge count; default false. */
  readonly ceil?: boolean;
}

/** The maximum of each window: [n, c, h, w] to [n, c, h', w']. */
export function maxPool(scope: Scope, x: Value, { kernel, stride, padding = 0, ceil = false }: PoolOptions): Value {
  return scope.graph.add("MaxPool", [x], { ...windowAttributes(x, kernel, stride, padding), ceil_mode: ceil ? 1 : 0 });
}

export interface AverageOptions {
  /** Size of the window. */
  readonly kernel: Size;
  readonly stride: number;
  /** Default 0. */
  readonly padding?: Padding;
  /** Whether the zeros of the padding count as elements; default false. */
  readonly countPadding?: boolean;
}

/** The mean of each window: [n, c, h, w] to [n, c, h', w']. */
export function windowAverage(scope: Scope, x: Value, { kernel, stride, padding = 0, countPadding = false }: AverageOptions): Value {
  return scope.graph.add("AveragePool", [x], { ...windowAttributes(x, kernel, stride, padding), count_include_pad: countPadding ? 1 : 0 });
}

/** The mean of each channel: [n, c, h, w] to [n, c]. */
export function averagePool(scope: Scope, x: Value): Value {
  return scope.graph.add("Flatten", [scope.graph.add("GlobalAveragePool", [x])], { axis: 1 });
}

/** The maximum of each channel: [n, c, h, w] to [n, c]. */
export function highestPool(scope: Scope, x: Value): Value {
  return scope.graph.add("Flatten", [scope.graph.add("GlobalMaxPool", [x])], { axis: 1 });
}

/** fastai's adaptive concat pool: each channel's maximum, then each channel's mean: [n, c, h, w] to [n, 2c]. */
export function concatPool(scope: Scope, x: Value): Value {
  const { graph } = scope;
  const pooled = graph.add("Concat", [graph.add("GlobalMaxPool", [x]), graph.add("GlobalAveragePool", [x])], { axis: 1 });
  return graph.add("Flatten", [pooled], { axis: 1 });
}

/**
 * Pools tokens as DINOv2's classifiers: the class token, then the mean of the others: [n, 1 + patches, c] to [n, 2c]. A single token, which
 * the network has pooled itself, is taken twice.
 */
export function tokenPool(scope: Scope, x: Value): Value {
  const { graph } = scope;
  const tokens = sizeAlong(x, 1);
  const first = sliceOf(graph, x, [{ axis: 1, start: 0, end: 1 }]);
  const others = sliceOf(graph, x, [{ axis: 1, start: Math.min(1, tokens - 1), end: tokens }]);
  const mean = graph.add("ReduceMean", [others, graph.ints([1])], { keepdims: 1 });
  return graph.add("Flatten", [graph.add("Concat", [first, mean], { axis: 2 })], { axis: 1 });
}
