// Batch normalisation while training: the batch's statistics, the forward pass in plain operators, and its gradient, in as few passes over
// the activations as the engine allows. Forward and backward ask for the same statistics; the builder makes equal nodes once.

import type { GraphBuilder } from "../builder.ts";
import { floatAttribute, intAttribute, type Node, staticShape, type Value } from "../types.ts";
import { product } from "./matmul.ts";
import type { GradientContext, GradientRule } from "./rule.ts";

export interface BatchStatistics {
  readonly mean: Value;
  /** x − mean, of x's shape. */
  readonly centred: Value;
  /** The biased variance (divided by the number of values, not one less). */
  readonly variance: Value;
  /** 1 / sqrt(variance + epsilon). */
  readonly inverseStd: Value;
}

/**
 * From this many places of an image on, one convolution of a single weight for each channel is faster than Mul and Add, and products of rows
 * are faster than Mul and a reduction. Measured on a CPU.
 */
const LARGE_MAP = 28 * 28;

/** Statistics of each channel of `x` [batch, channels] or [batch, channels, height, width], shaped to broadcast: [1, channels] or [1, channels, 1, 1]. */
export function batchStatistics(graph: GraphBuilder, x: Value, epsilon: number): BatchStatistics {
  const mean = graph.add("ReduceMean", [x, graph.ints(reducedAxes(x))], { keepdims: 1 });
  // Centred first: E[x²] − E[x]² would cancel where the mean is large against the deviation, as it is deep in an untrained network.
  const centred = graph.add("Sub", [x, mean]);
  const variance = graph.add("Mul", [sumOfProducts(graph, centred, centred), graph.scalar(1 / countOf(x))]);
  return { mean, centred, variance, inverseStd: inverseRoot(graph, variance, epsilon) };
}

/** The sum of a·b over each channel. */
function sumOfProducts(graph: GraphBuilder, a: Value, b: Value): Value {
  if (!isLarge(a)) return graph.add("ReduceSum", [graph.add("Mul", [a, b]), graph.ints(reducedAxes(a))], { keepdims: 1 });
  const [batch, channels, height, width] = staticShape(a) as [number, number, number, number];
  const [left, right] = [a, b].map((value) => graph.add("Reshape", [value, graph.ints([batch * channels, 1, height * width])])) as [
    Value,
    Value,
  ];
  const each = graph.add("Reshape", [product(graph, left, right, { transB: true }), graph.ints([batch, channels, 1, 1])]);
  return graph.add("ReduceSum", [each, graph.ints([0])], { keepdims: 1 });
}

/** factor · x + offset, for each channel, and `other` added. */
function affine(graph: GraphBuilder, x: Value, factor: Value, offset: Value, other?: Value): Value {
  if (!isLarge(x)) {
    const shifted = other ? graph.add("Add", [other, offset]) : offset;
    return graph.add("Add", [graph.add("Mul", [x, factor]), shifted]);
  }
  const channels = staticShape(x)[1] as number;
  const weight = graph.add("Reshape", [factor, graph.ints([channels, 1, 1, 1])]);
  const bias = graph.add("Reshape", [offset, graph.ints([channels])]);
  const result = graph.add("Conv", [x, weight, bias], { group: channels, kernel_shape: [1, 1] });
  return other ? graph.add("Add", [result, other]) : result;
}

/** BatchNormalization in training mode (ONNX: y, running mean, running variance with the biased variance) in operators that every engine has. */
export function lowerBatchNormalization(graph: GraphBuilder, node: Node, inputs: readonly Value[]): readonly Value[] {
  const [x, scale, shift, runningMean, runningVariance] = inputs as [Value, Value, Value, Value, Value];
  const { mean, centred, variance, inverseStd } = batchStatistics(graph, x, epsilonOf(node));
  const factor = graph.add("Mul", [perChannel(graph, scale, x), inverseStd]);
  const y = affine(graph, centred, factor, perChannel(graph, shift, x));
  const momentum = floatAttribute(node, "momentum", 0.9);
  const update = (running: Value, current: Value): Value => {
    const flat = graph.add("Reshape", [current, graph.ints(staticShape(running))]);
    return graph.add("Add", [graph.add("Mul", [running, graph.scalar(momentum)]), graph.add("Mul", [flat, graph.scalar(1 - momentum)])]);
  };
  return [y, update(runningMean, mean), update(runningVariance, variance)].slice(0, node.outputs.length);
}

/** Gradient of batch normalisation: the formula of Ioffe and Szegedy (2015), with one coefficient per channel for each term. */
const batchNormalization: GradientRule = (context) => {
  const training = intAttribute(context.node, "training_mode", 0) === 1;
  return training ? trainingGradient(context) : inferenceGradient(context);
};

function trainingGradient(context: GradientContext): readonly (Value | undefined)[] {
  if (context.gradients.slice(1).some((value) => value !== undefined)) context.fail("does not pass through the running statistics");
  const { graph, gradient } = context;
  const [x, scale, shift] = [context.input(0), context.input(1), context.input(2)];
  const { centred, inverseStd } = batchStatistics(graph, x, epsilonOf(context.node));
  const { shiftSum, scaleSum } = sums(graph, gradient, centred, inverseStd);
  const factor = graph.add("Mul", [perChannel(graph, scale, x), inverseStd]);
  const input = (): Value => {
    const share = graph.scalar(-1 / countOf(x));
    const slope = graph.add("Mul", [graph.add("Mul", [scaleSum, inverseStd]), share]);
    const offset = graph.add("Mul", [shiftSum, share]);
    // The factor last and apart: a convolution's gradient takes it into its weight instead of a pass over the activations.
    return graph.add("Mul", [affine(graph, centred, slope, offset, gradient), factor]);
  };
  return [
    context.needs(0) ? input() : undefined,
    context.needs(1) ? flatten(graph, scaleSum, scale) : undefined,
    context.needs(2) ? flatten(graph, shiftSum, shift) : undefined,
    undefined,
    undefined,
  ];
}

function inferenceGradient(context: GradientContext): readonly (Value | undefined)[] {
  const { graph, gradient } = context;
  const [x, scale, shift, mean, variance] = [0, 1, 2, 3, 4].map((i) => context.input(i)) as [Value, Value, Value, Value, Value];
  const inverseStd = perChannel(graph, inverseRoot(graph, variance, epsilonOf(context.node)), x);
  const factor = graph.add("Mul", [perChannel(graph, scale, x), inverseStd]);
  const centred = graph.add("Sub", [x, perChannel(graph, mean, x)]);
  const { shiftSum, scaleSum } = sums(graph, gradient, centred, inverseStd);
  const minusHalf = (): Value => graph.add("Mul", [graph.add("Mul", [factor, inverseStd]), graph.scalar(-0.5)]);
  return [
    context.needs(0) ? graph.add("Mul", [gradient, factor]) : undefined,
    context.needs(1) ? flatten(graph, scaleSum, scale) : undefined,
    context.needs(2) ? flatten(graph, shiftSum, shift) : undefined,
    context.needs(3) ? flatten(graph, graph.add("Neg", [graph.add("Mul", [shiftSum, factor])]), mean) : undefined,
    context.needs(4) ? flatten(graph, graph.add("Mul", [scaleSum, minusHalf()]), variance) : undefined,
  ];
}

/** Per channel: the sum of the gradient (that of the shift) and of gradient · normalised x (that of the scale). */
function sums(graph: GraphBuilder, gradient: Value, centred: Value, inverseStd: Value): { shiftSum: Value; scaleSum: Value } {
  const shiftSum = graph.add("ReduceSum", [gradient, graph.ints(reducedAxes(gradient))], { keepdims: 1 });
  return { shiftSum, scaleSum: graph.add("Mul", [sumOfProducts(graph, gradient, centred), inverseStd]) };
}

function inverseRoot(graph: GraphBuilder, variance: Value, epsilon: number): Value {
  return graph.add("Reciprocal", [graph.add("Sqrt", [graph.add("Add", [variance, graph.scalar(epsilon)])])]);
}

function epsilonOf(node: Node): number {
  return floatAttribute(node, "epsilon", 1e-5);
}

/** Whether `x` is a batch of maps of fixed size with many places. */
function isLarge({ shape }: Value): boolean {
  const [batch, , height, width] = shape;
  return shape.length === 4 && typeof batch === "number" && Number(height) * Number(width) >= LARGE_MAP;
}

/** How many values each channel has. */
function countOf(x: Value): number {
  return reducedAxes(x).reduce((total, axis) => total * (staticShape(x)[axis] as number), 1);
}

/** All axes but the channels'. */
function reducedAxes(x: Value): readonly number[] {
  return [...x.shape.keys()].filter((axis) => axis !== 1);
}

/** A [channels] parameter, shaped to broadcast over `x`. */
function perChannel(graph: GraphBuilder, parameter: Value, x: Value): Value {
  return graph.add("Reshape", [parameter, graph.ints(x.shape.map((_, i) => (i === 1 ? (staticShape(parameter)[0] as number) : 1)))]);
}

function flatten(graph: GraphBuilder, statistic: Value, parameter: Value): Value {
  return graph.add("Reshape", [statistic, graph.ints(staticShape(parameter))]);
}

export const normalizationGradients: Readonly<Record<string, GradientRule>> = { BatchNormalization: batchNormalization };
