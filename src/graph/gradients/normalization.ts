// Batch normalisation while training: the batch's statistics, the forward pass in plain operators, and its gradient, in as few passes over
// the activations as the engine allows. Forward and backward ask for the same statistics; the builder makes equal nodes once.

import type { GraphBuilder } from "../builder.ts";
import { floatAttribute, intAttribute, type Node, staticShape, type Value } from "../types.ts";
import { product } from "./matmul.ts";
import type { GradientContext, GradientRule } from "./rule.ts";

export interface BatchStatistics {
  readonly mean: Value;
  /** x less a number for each channel that is near the mean, of x's shape. */
  readonly centred: Value;
  /** The mean of `centred`; undefined where that is 0, because the mean itself was taken off. */
  readonly rest: Value | undefined;
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

/**
 * Statistics of each channel of `x` [batch, channels] or [batch, channels, height, width], shaped to broadcast: [1, channels] or
 * [1, channels, 1, 1]. E[x²] − E[x]² would cancel where the mean is large against the deviation, so x is centred first: for nothing where a
 * convolution makes it, by the running mean [channels] as that convolution's bias, and otherwise by the mean, which costs a pass.
 */
export function batchStatistics(graph: GraphBuilder, x: Value, epsilon: number, runningMean?: Value): BatchStatistics {
  const biased = runningMean && biasedConvolution(graph, x, runningMean);
  if (biased) {
    const rest = meanOf(graph, biased);
    const variance = graph.add("Max", [graph.add("Sub", [squareMean(graph, biased), graph.add("Mul", [rest, rest])]), graph.scalar(0)]);
    const mean = graph.add("Add", [rest, perChannel(graph, runningMean, x)]);
    return { mean, centred: biased, rest, variance, inverseStd: inverseRoot(graph, variance, epsilon) };
  }
  const mean = meanOf(graph, x);
  const centred = graph.add("Sub", [x, mean]);
  const variance = squareMean(graph, centred);
  return { mean, centred, rest: undefined, variance, inverseStd: inverseRoot(graph, variance, epsilon) };
}

/** The convolution that makes `x`, with −`runningMean` as its bias; undefined where `x` does not come from a convolution without bias. */
function biasedConvolution(graph: GraphBuilder, x: Value, runningMean: Value): Value | undefined {
  const node = graph.nodes.find(({ op, outputs }) => op === "Conv" && outputs[0] === x.name);
  if (!node || node.inputs.length > 2 || x.shape.length !== 4) return undefined;
  const [image, weight] = node.inputs.map((name) => graph.value(name));
  const [biased] = graph.addMany("Conv", [image, weight, graph.add("Neg", [runningMean])], node.attributes, 1);
  return biased;
}

function meanOf(graph: GraphBuilder, x: Value): Value {
  return graph.add("ReduceMean", [x, graph.ints(reducedAxes(x))], { keepdims: 1 });
}

function squareMean(graph: GraphBuilder, x: Value): Value {
  return graph.add("Mul", [sumOfProducts(graph, x, x), graph.scalar(1 / countOf(x))]);
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
  const { mean, centred, rest, variance, inverseStd } = batchStatistics(graph, x, epsilonOf(node), runningMean);
  const factor = graph.add("Mul", [perChannel(graph, scale, x), inverseStd]);
  const offset = perChannel(graph, shift, x);
  const y = affine(graph, centred, factor, rest ? graph.add("Sub", [offset, graph.add("Mul", [rest, factor])]) : offset);
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
  const [x, scale, shift, runningMean] = [0, 1, 2, 3].map((i) => context.input(i)) as [Value, Value, Value, Value];
  const { centred, rest, inverseStd } = batchStatistics(graph, x, epsilonOf(context.node), runningMean);
  const { shiftSum, scaleSum } = sums(graph, gradient, centred, rest, inverseStd);
  const factor = graph.add("Mul", [perChannel(graph, scale, x), inverseStd]);
  const input = (): Value => {
    const share = graph.scalar(-1 / countOf(x));
    const slope = graph.add("Mul", [graph.add("Mul", [scaleSum, inverseStd]), share]);
    const level = graph.add("Mul", [shiftSum, share]);
    const offset = rest ? graph.add("Sub", [level, graph.add("Mul", [rest, slope])]) : level;
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
  const { shiftSum, scaleSum } = sums(graph, gradient, centred, undefined, inverseStd);
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
function sums(
  graph: GraphBuilder,
  gradient: Value,
  centred: Value,
  rest: Value | undefined,
  inverseStd: Value,
): { shiftSum: Value; scaleSum: Value } {
  const shiftSum = graph.add("ReduceSum", [gradient, graph.ints(reducedAxes(gradient))], { keepdims: 1 });
  const products = sumOfProducts(graph, gradient, centred);
  const exact = rest ? graph.add("Sub", [products, graph.add("Mul", [rest, shiftSum])]) : products;
  return { shiftSum, scaleSum: graph.add("Mul", [exact, inverseStd]) };
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
