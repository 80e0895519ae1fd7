// Batch normalisation while training: the batch's statistics, the forward pass in plain operators, and its gradient.
// Forward and backward ask for the same statistics; the builder makes equal nodes once, so they are computed once.

import type { GraphBuilder } from "../builder.ts";
import { floatAttribute, intAttribute, type Node, staticShape, type Value } from "../types.ts";
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

/** Statistics of each channel of `x` [batch, channels] or [batch, channels, height, width], shaped to broadcast: [1, channels] or [1, channels, 1, 1]. */
export function batchStatistics(graph: GraphBuilder, x: Value, epsilon: number): BatchStatistics {
  const axes = graph.ints(reducedAxes(x));
  const mean = graph.add("ReduceMean", [x, axes], { keepdims: 1 });
  // Centred first: E[x²] − E[x]² would cancel where the mean is large against the deviation.
  const centred = graph.add("Sub", [x, mean]);
  const variance = graph.add("ReduceMean", [graph.add("Mul", [centred, centred]), axes], { keepdims: 1 });
  return { mean, centred, variance, inverseStd: inverseRoot(graph, variance, epsilon) };
}

/** BatchNormalization in training mode (ONNX: y, running mean, running variance with the biased variance) in operators that every engine has. */
export function lowerBatchNormalization(graph: GraphBuilder, node: Node, inputs: readonly Value[]): readonly Value[] {
  const [x, scale, shift, runningMean, runningVariance] = inputs as [Value, Value, Value, Value, Value];
  const { mean, centred, variance, inverseStd } = batchStatistics(graph, x, epsilonOf(node));
  const factor = graph.add("Mul", [perChannel(graph, scale, x), inverseStd]);
  const y = graph.add("Add", [graph.add("Mul", [centred, factor]), perChannel(graph, shift, x)]);
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
  const count = reducedAxes(x).reduce((total, axis) => total * (staticShape(x)[axis] as number), 1);
  const factor = graph.add("Mul", [perChannel(graph, scale, x), inverseStd]);
  const input = (): Value => {
    const share = graph.scalar(-1 / count);
    const slope = graph.add("Mul", [graph.add("Mul", [scaleSum, inverseStd]), share]);
    const offset = graph.add("Mul", [shiftSum, share]);
    const inner = graph.add("Add", [graph.add("Mul", [centred, slope]), graph.add("Add", [gradient, offset])]);
    return graph.add("Mul", [inner, factor]);
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
  const axes = graph.ints(reducedAxes(gradient));
  const products = graph.add("ReduceSum", [graph.add("Mul", [gradient, centred]), axes], { keepdims: 1 });
  return { shiftSum: graph.add("ReduceSum", [gradient, axes], { keepdims: 1 }), scaleSum: graph.add("Mul", [products, inverseStd]) };
}

function inverseRoot(graph: GraphBuilder, variance: Value, epsilon: number): Value {
  return graph.add("Reciprocal", [graph.add("Sqrt", [graph.add("Add", [variance, graph.scalar(epsilon)])])]);
}

function epsilonOf(node: Node): number {
  return floatAttribute(node, "epsilon", 1e-5);
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
