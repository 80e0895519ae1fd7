// The gradient of Clip between 0 and a maximum (ReLU6) as one custom operator until the layout is known: blocked kernels compute it in fewer
// passes over the activations.

import { full } from "../core/tensor.ts";
import { BLOCKED, oneWeightEach } from "./blocked/kernels.ts";
import type { GraphBuilder } from "./builder.ts";
import { float, floatAttribute, type Node, OWN_DOMAIN, type Value } from "./types.ts";

/** dL/dx of y = Clip(x, 0, max) from y and dL/dy, for `lower` to expand: dL/dy where 0 < y < max, else 0. */
export function clipGradient(graph: GraphBuilder, y: Value, gradient: Value, max: number): Value {
  return graph.add("ClipGrad", [y, gradient], { max: float(max) }, { domain: OWN_DOMAIN });
}

/** 1 if `value`, which is never negative, is above 0, else 0: a steep HardSigmoid, because ONNX Runtime runs Sign on only one thread. */
export function positive(graph: GraphBuilder, value: Value): Value {
  return graph.add("HardSigmoid", [value], { alpha: float(2 ** 126), beta: float(0) });
}

/** The ClipGrad `node` in common operators. */
export function plainClipGradient(graph: GraphBuilder, node: Node, [y, gradient]: readonly Value[]): Value {
  // Both factors are at least 0, and one of them is 0 at and beyond a bound.
  const room = graph.add("Mul", [y, graph.add("Sub", [graph.scalar(maxOf(node)), y])]);
  return graph.add("Mul", [gradient, positive(graph, room)]);
}

/**
 * What the gradient of ClipGrad `node` is multiplied by, from `y` in blocks: a convolution of one weight for each channel computes
 * 1[y > 0] − y · scale − (1 − max · scale), times 2^25, between 0 and 1. With a power of two for which max · scale is in [0.5, 1), every
 * difference is exact, and one step below the maximum it is at least 2^-24.
 */
export function blockedBounds(graph: GraphBuilder, node: Node, y: Value): Value {
  const channels = y.shape[1] as number;
  const max = maxOf(node);
  const scale = 2 ** -(Math.floor(Math.log2(max)) + 1);
  const each = (shape: readonly number[], value: number): Value => graph.constant(full(shape, value));
  const inputs = [y, each([channels, 1, 1, 1], -scale), each([channels], Math.fround(max) * scale - 1), positive(graph, y)];
  const attributes = {
    ...oneWeightEach(channels),
    activation: "HardSigmoid",
    activation_params: { kind: "floats", value: [2 ** 25, 0] } as const,
  };
  return graph.add("Conv", inputs, attributes, { domain: BLOCKED });
}

function maxOf(node: Node): number {
  return floatAttribute(node, "max", Number.NaN);
}
