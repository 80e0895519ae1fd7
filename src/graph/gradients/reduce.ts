// Gradients of reductions: the incoming gradient is spread over the reduced elements.

import type { GraphBuilder } from "../builder.ts";
import { ONNX_TYPES } from "../element-types.ts";
import { intAttribute, intsAttribute, type Shape, type Value } from "../types.ts";
import type { GradientContext, GradientRule } from "./rule.ts";
import { reshapeTo } from "./shape.ts";

/** A rule from the gradient with its reduced axes retained as 1, to be broadcast over `x`. */
function reduction(spread: (graph: GraphBuilder, gradient: Value, x: Value, kept: Value, axes: readonly number[]) => Value): GradientRule {
  return (context) => {
    const { graph } = context;
    const x = context.input(0);
    const axes = reducedAxes(context);
    const shape = x.shape.map((size, i) => (axes.includes(i) ? 1 : size));
    const [gradient, kept] = [context.gradient, context.outputs[0] as Value].map((value) => reshapeTo(context, value, shape)) as [
      Value,
      Value,
    ];
    return [expandTo(context, spread(graph, gradient, x, kept, axes), x.shape)];
  };
}

function reducedAxes(context: GradientContext): readonly number[] {
  const x = context.input(0);
  const input = context.inputs[1] && context.graph.constantOf(context.inputs[1]);
  const given = intsAttribute(context.node, "axes") ?? (input ? Array.from(input.data as ArrayLike<bigint>, Number) : []);
  if (given.length > 0) return given.map((axis) => (axis < 0 ? axis + x.shape.length : axis));
  return intAttribute(context.node, "noop_with_empty_axes", 0) === 1 ? [] : [...x.shape.keys()];
}

/** Broadcasts `value` to `shape`; a symbolic dimension must already match. */
function expandTo(context: GradientContext, value: Value, shape: Shape): Value {
  if (value.shape.join() === shape.join()) return value;
  const target = shape.map((size, i) => {
    if (typeof size === "number") return size;
    return value.shape[i] === size ? 1 : context.fail(`cannot spread over the symbolic dimension "${size}": bind it to a size first`);
  });
  return context.graph.add("Expand", [value, context.graph.ints(target)]);
}

/** Equal shares to all elements that equal the extreme, as in PyTorch's amax and amin. */
const extreme = reduction((graph, gradient, x, kept, axes) => {
  const hits = graph.add("Cast", [graph.add("Equal", [x, kept])], { to: ONNX_TYPES.float32 });
  const count = graph.add("ReduceSum", [hits, graph.ints(axes)], { keepdims: 1 });
  return graph.add("Mul", [hits, graph.add("Div", [gradient, count])]);
});

const mean: GradientRule = (context) => {
  const axes = reducedAxes(context);
  const { shape } = context.input(0);
  const count = axes.reduce((total, axis) => {
    const size = shape[axis];
    return typeof size === "number" ? total * size : context.fail(`needs the size of the symbolic dimension "${size}": bind it first`);
  }, 1);
  return reduction((graph, gradient) => graph.add("Mul", [gradient, graph.scalar(1 / count)]))(context);
};

/** Smaller norms count as this, so that the gradient for zeros is 0, as in PyTorch. */
const LEAST_NORM = 1e-30;

const norm = reduction((graph, gradient, x, kept) =>
  graph.add("Mul", [graph.add("Div", [x, graph.add("Max", [kept, graph.scalar(LEAST_NORM)])]), gradient]),
);

export const reduceGradients: Readonly<Record<string, GradientRule>> = {
  ReduceSum: reduction((_, gradient) => gradient),
  ReduceMean: mean,
  ReduceMax: extreme,
  ReduceMin: extreme,
  ReduceSumSquare: reduction((graph, gradient, x) => graph.add("Mul", [x, graph.add("Add", [gradient, gradient])])),
  ReduceL2: norm,
  ReduceL1: reduction((graph, gradient, x) => graph.add("Mul", [graph.add("Sign", [x]), gradient])),
};
