// Batch normalisation in training: the batch's statistics and the forward pass in plain operators, with as few passes over the activations
// as possible. Forward and backward request the same statistics; the builder builds equal nodes once.

import type { GraphBuilder } from "./builder.ts";
import { product } from "./product.ts";
import { floatAttribute, type Node, staticShape, type Value } from "./types.ts";

export interface BatchStatistics {
  readonly mean: Value;
  /** x − mean, of x's shape. */
  readonly centred: Value;
  /** The biased variance (divided by the number of values, not by one less). */
  readonly variance: Value;
  /** 1 / sqrt(variance + epsilon). */
  readonly inverseStd: Value;
}

/**
 * From this many pixels per image on, a convolution with a single weight per channel is faster than Mul and Add, and products of rows are
 * faster than Mul and a reduction. Measured on a CPU.
 */
const LARGE_MAP = 28 * 28;

/** Per-channel statistics of `x` [batch, channels] or [batch, channels, height, width], of shape [1, channels] or [1, channels, 1, 1]. */
export function batchStatistics(graph: GraphBuilder, x: Value, epsilon: number): BatchStatistics {
  const mean = graph.add("ReduceMean", [x, graph.ints(reducedAxes(x))], { keepdims: 1 });
  // Centred first: E[x²] − E[x]² would lose precision if the mean is large relative to the deviation, as deep in an untrained network.
  const centred = graph.add("Sub", [x, mean]);
  const variance = graph.add("Mul", [sumOfProducts(graph, centred, centred), graph.scalar(1 / countOf(x))]);
  return { mean, centred, variance, inverseStd: inverseRoot(graph, variance, epsilon) };
}

/** The sum of a·b over each channel. */
export function sumOfProducts(graph: GraphBuilder, a: Value, b: Value): Value {
  if (!isLarge(a)) return graph.add("ReduceSum", [graph.add("Mul", [a, b]), graph.ints(reducedAxes(a))], { keepdims: 1 });
  const [batch, channels, height, width] = staticShape(a) as [number, number, number, number];
  const [left, right] = [a, b].map((value) => graph.add("Reshape", [value, graph.ints([batch * channels, 1, height * width])])) as [
    Value,
    Value,
  ];
  const each = graph.add("Reshape", [product(graph, left, right, { transB: true }), graph.ints([batch, channels, 1, 1])]);
  return graph.add("ReduceSum", [each, graph.ints([0])], { keepdims: 1 });
}

/** factor · x + offset for each channel, plus `other`. */
export function scaleAndShift(graph: GraphBuilder, x: Value, factor: Value, offset: Value, other?: Value): Value {
  if (!isLarge(x)) {
    const result = graph.add("Add", [graph.add("Mul", [x, factor]), offset]);
    return other ? graph.add("Add", [result, other]) : result;
  }
  const channels = staticShape(x)[1] as number;
  const weight = graph.add("Reshape", [factor, graph.ints([channels, 1, 1, 1])]);
  const bias = graph.add("Reshape", [offset, graph.ints([channels])]);
  const result = graph.add("Conv", [x, weight, bias], { group: channels, kernel_shape: [1, 1] });
  return other ? graph.add("Add", [result, other]) : result;
}

/** BatchNormalization in training mode (outputs y, running mean, running variance with the biased variance) in common operators. */
export function lowerBatchNormalization(graph: GraphBuilder, node: Node, inputs: readonly Value[]): readonly Value[] {
  const [x, scale, shift, runningMean, runningVariance] = inputs as [Value, Value, Value, Value, Value];
  const { mean, centred, variance, inverseStd } = batchStatistics(graph, x, epsilonOf(node));
  const factor = graph.add("Mul", [perChannel(graph, scale, x), inverseStd]);
  const y = scaleAndShift(graph, centred, factor, perChannel(graph, shift, x));
  const momentum = floatAttribute(node, "momentum", 0.9);
  const update = (running: Value, current: Value): Value => {
    const flat = graph.add("Reshape", [current, graph.ints(staticShape(running))]);
    return graph.add("Add", [graph.add("Mul", [running, graph.scalar(momentum)]), graph.add("Mul", [flat, graph.scalar(1 - momentum)])]);
  };
  return [y, update(runningMean, mean), update(runningVariance, variance)].slice(0, node.outputs.length);
}

/** 1 / sqrt(variance + epsilon). */
export function inverseRoot(graph: GraphBuilder, variance: Value, epsilon: number): Value {
  return graph.add("Reciprocal", [graph.add("Sqrt", [graph.add("Add", [variance, graph.scalar(epsilon)])])]);
}

/** The ε that a BatchNormalization adds to the variance. */
export function epsilonOf(node: Node): number {
  return floatAttribute(node, "epsilon", 1e-5);
}

/** Whether `x` is a batch of large maps of fixed size. */
function isLarge({ shape }: Value): boolean {
  const [batch, , height, width] = shape;
  return shape.length === 4 && typeof batch === "number" && Number(height) * Number(width) >= LARGE_MAP;
}

/** The number of values per channel. */
export function countOf(x: Value): number {
  return reducedAxes(x).reduce((total, axis) => total * (staticShape(x)[axis] as number), 1);
}

/** All axes except the channels'. */
export function reducedAxes(x: Value): readonly number[] {
  return [...x.shape.keys()].filter((axis) => axis !== 1);
}

/** A [channels] parameter, shaped to broadcast over `x`. */
export function perChannel(graph: GraphBuilder, parameter: Value, x: Value): Value {
  return graph.add("Reshape", [parameter, graph.ints(x.shape.map((_, i) => (i === 1 ? (staticShape(parameter)[0] as number) : 1)))]);
}
