// Gradients of activations. At a kink the gradient is PyTorch's: 0 for Relu at 0 and for Clip (ReLU6) at its bounds.

import type { GraphBuilder } from "../builder.ts";
import { clipGradient, positive } from "../clip-gradient.ts";
import { gatedGradient } from "../max-pool.ts";
import { floatAttribute, intAttribute, type Value } from "../types.ts";
import type { GradientRule } from "./rule.ts";

function isZero(graph: GraphBuilder, value: Value): boolean {
  return value.shape.length === 0 && Number(graph.constantOf(value)?.data[0]) === 0;
}

const relu: GradientRule = ({ graph, gradient, outputs }) => [
  gatedGradient(graph, outputs[0] as Value, gradient, (y, ofY) => graph.add("Mul", [ofY, positive(graph, y)])),
];

const clip: GradientRule = (context) => {
  const { graph, gradient } = context;
  const y = context.outputs[0] as Value;
  if (context.needs(1) || context.needs(2)) context.fail("exists only for constant bounds");
  const [low, high] = [bound(1, "min"), bound(2, "max")];
  const max = high && Number(graph.constantOf(high)?.data[0]);
  if (low && isZero(graph, low) && max !== undefined && max > 0 && max < 2 ** 64)
    return [gatedGradient(graph, y, gradient, (value, ofValue) => clipGradient(graph, value, ofValue, max))];
  // Both factors are at least 0, and one of them is 0 at and beyond a bound.
  const above = low && (isZero(graph, low) ? y : graph.add("Sub", [y, low]));
  const below = high && graph.add("Sub", [high, y]);
  const room = above && below ? graph.add("Mul", [above, below]) : (above ?? below);
  return [room ? graph.add("Mul", [gradient, positive(graph, room)]) : gradient];

  /** Bounds are inputs since opset 11; before, they were attributes. */
  function bound(i: number, attribute: string): Value | undefined {
    if (context.inputs[i]) return context.inputs[i];
    const value = floatAttribute(context.node, attribute, Number.NaN);
    return Number.isNaN(value) ? undefined : graph.scalar(value);
  }
};

const sigmoid: GradientRule = ({ graph, gradient, outputs }) => {
  const y = outputs[0] as Value;
  return [graph.add("Mul", [gradient, graph.add("Mul", [y, graph.add("Sub", [graph.scalar(1), y])])])];
};

const softplus: GradientRule = (context) => [
  context.graph.add("Mul", [context.gradient, context.graph.add("Sigmoid", [context.input(0)])]),
];

const softmax: GradientRule = (context) => {
  const { graph, gradient } = context;
  const y = context.outputs[0] as Value;
  const axes = graph.ints([intAttribute(context.node, "axis", -1)]);
  const total = graph.add("ReduceSum", [graph.add("Mul", [gradient, y]), axes], { keepdims: 1 });
  return [graph.add("Mul", [y, graph.add("Sub", [gradient, total])])];
};

const logSoftmax: GradientRule = (context) => {
  const { graph, gradient } = context;
  const axes = graph.ints([intAttribute(context.node, "axis", -1)]);
  const total = graph.add("ReduceSum", [gradient, axes], { keepdims: 1 });
  const probabilities = graph.add("Exp", [context.outputs[0]]);
  return [graph.add("Sub", [gradient, graph.add("Mul", [probabilities, total])])];
};

export const activationGradients: Readonly<Record<string, GradientRule>> = {
  Relu: relu,
  Clip: clip,
  Sigmoid: sigmoid,
  Softplus: softplus,
  Softmax: softmax,
  LogSoftmax: logSoftmax,
};
