// Gradients of elementwise arithmetic. The gradient of a broadcast operand is summed to its shape.

import type { GraphBuilder } from "../builder.ts";
import { ONNX_TYPES } from "../element-types.ts";
import { intAttribute, type Value } from "../types.ts";
import type { GradientContext, GradientRule } from "./rule.ts";

/** Sums `gradient` over the axes along which `target` was broadcast: the result has `target`'s shape. */
export function unbroadcast(graph: GraphBuilder, gradient: Value, target: Value): Value {
  if (gradient.shape.join() === target.shape.join()) return gradient;
  const extra = gradient.shape.length - target.shape.length;
  const axes = gradient.shape.flatMap((size, i) => (i < extra || (target.shape[i - extra] === 1 && size !== 1) ? [i] : []));
  const summed = graph.add("ReduceSum", [gradient, graph.ints(axes)], { keepdims: 1 });
  if (extra === 0) return summed;
  const leading = Array.from({ length: extra }, (_, i) => i);
  return graph.add("Squeeze", [summed, graph.ints(leading)]);
}

/**
 * A rule for an operator with two broadcast operands, from d(output)/d(operand) times the incoming gradient before broadcasting is undone.
 */
function binary(
  left: (context: GradientContext, a: Value, b: Value) => Value,
  right: (context: GradientContext, a: Value, b: Value) => Value,
): GradientRule {
  return (context) => {
    const [a, b] = [context.input(0), context.input(1)];
    return [
      context.needs(0) ? unbroadcast(context.graph, left(context, a, b), a) : undefined,
      context.needs(1) ? unbroadcast(context.graph, right(context, a, b), b) : undefined,
    ];
  };
}

/** A rule for an operator with one operand `x` and the output `y`. */
function unary(rule: (graph: GraphBuilder, gradient: Value, x: Value, y: Value, context: GradientContext) => Value): GradientRule {
  return (context) => [rule(context.graph, context.gradient, context.input(0), context.outputs[0] as Value, context)];
}

const pow: GradientRule = (context) => {
  const { graph, gradient } = context;
  const x = context.input(0);
  const exponent = graph.constantOf(context.input(1));
  if (context.needs(1) || exponent?.data.length !== 1) return context.fail("needs a constant scalar exponent");
  const p = Number(exponent.data[0]);
  if (p === 2) return [graph.add("Mul", [gradient, graph.add("Mul", [x, graph.scalar(2)])])];
  const slope = graph.add("Mul", [graph.add("Pow", [x, graph.scalar(p - 1)]), graph.scalar(p)]);
  return [unbroadcast(graph, graph.add("Mul", [gradient, slope]), x)];
};

const where: GradientRule = (context) => {
  const { graph, gradient } = context;
  const [condition, a, b] = [context.input(0), context.input(1), context.input(2)];
  const zero = graph.scalar(0);
  return [
    undefined,
    context.needs(1) ? unbroadcast(graph, graph.add("Where", [condition, gradient, zero]), a) : undefined,
    context.needs(2) ? unbroadcast(graph, graph.add("Where", [condition, zero, gradient]), b) : undefined,
  ];
};

/** Min or Max of two operands: the gradient goes to the chosen operand, half to each if they are equal, as in PyTorch. */
function choice(comparison: "Greater" | "Less"): GradientRule {
  return (context) => {
    if (context.inputs.length > 2) return context.fail("exists for two operands");
    if (context.inputs.length === 1) return [context.gradient];
    const share = ({ graph, gradient }: GradientContext, taken: Value, other: Value): Value => {
      const wins = graph.add("Cast", [graph.add(comparison, [taken, other])], { to: ONNX_TYPES.float32 });
      const weight = graph.add("Where", [graph.add("Equal", [taken, other]), graph.scalar(0.5), wins]);
      return graph.add("Mul", [gradient, weight]);
    };
    return binary(
      (inner, a, b) => share(inner, a, b),
      (inner, a, b) => share(inner, b, a),
    )(context);
  };
}

const cast: GradientRule = (context) => {
  const { type } = context.input(0);
  if (type !== "float32" && type !== "float16") return [undefined];
  if (intAttribute(context.node, "to", 0) === ONNX_TYPES[type]) return [context.gradient];
  return [context.graph.add("Cast", [context.gradient], { to: ONNX_TYPES[type] })];
};

const through = (context: GradientContext): Value => context.gradient;

export const elementwiseGradients: Readonly<Record<string, GradientRule>> = {
  Identity: (context) => [context.gradient],
  Cast: cast,
  Where: where,
  Pow: pow,
  Max: choice("Greater"),
  Min: choice("Less"),
  Add: binary(through, through),
  Sum: (context) =>
    context.inputs.map((_, i) => (context.needs(i) ? unbroadcast(context.graph, context.gradient, context.input(i)) : undefined)),
  Sub: binary(through, ({ graph, gradient }) => graph.add("Neg", [gradient])),
  Mul: binary(
    ({ graph, gradient }, _, b) => graph.add("Mul", [gradient, b]),
    ({ graph, gradient }, a) => graph.add("Mul", [gradient, a]),
  ),
  Div: binary(
    ({ graph, gradient }, _, b) => graph.add("Div", [gradient, b]),
    ({ graph, gradient, outputs }, _, b) => graph.add("Neg", [graph.add("Mul", [gradient, graph.add("Div", [outputs[0], b])])]),
  ),
  Neg: unary((graph, gradient) => graph.add("Neg", [gradient])),
  Exp: unary((graph, gradient, _, y) => graph.add("Mul", [gradient, y])),
  Log: unary((graph, gradient, x) => graph.add("Div", [gradient, x])),
  Sqrt: unary((graph, gradient, _, y) => graph.add("Div", [gradient, graph.add("Add", [y, y])])),
  Reciprocal: unary((graph, gradient, _, y) => graph.add("Neg", [graph.add("Mul", [gradient, graph.add("Mul", [y, y])])])),
  Abs: unary((graph, gradient, x) => graph.add("Mul", [gradient, graph.add("Sign", [x])])),
};
