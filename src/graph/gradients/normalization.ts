// The gradient of batch normalisation, in training mode and with fixed statistics. Forward and backward share ../batch-norm.ts.

import { batchStatistics, countOf, epsilonOf, inverseRoot, perChannel, reducedAxes, scaleAndShift, sumOfProducts } from "../batch-norm.ts";
import type { GraphBuilder } from "../builder.ts";
import { intAttribute, staticShape, type Value } from "../types.ts";
import type { GradientContext, GradientRule } from "./rule.ts";

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
    // The factor comes last and separately: a convolution's gradient applies it to the weight instead of the activations.
    return graph.add("Mul", [scaleAndShift(graph, centred, slope, offset, gradient), factor]);
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

/** Per channel: the sums of the gradient (the shift's gradient) and of gradient · normalised x (the scale's). */
function sums(graph: GraphBuilder, gradient: Value, centred: Value, inverseStd: Value): { shiftSum: Value; scaleSum: Value } {
  const shiftSum = graph.add("ReduceSum", [gradient, graph.ints(reducedAxes(gradient))], { keepdims: 1 });
  return { shiftSum, scaleSum: graph.add("Mul", [sumOfProducts(graph, gradient, centred), inverseStd]) };
}

function flatten(graph: GraphBuilder, statistic: Value, parameter: Value): Value {
  return graph.add("Reshape", [statistic, graph.ints(staticShape(parameter))]);
}

export const normalizationGradients: Readonly<Record<string, GradientRule>> = { BatchNormalization: batchNormalization };
