// Gradients of elementwise arithmetic. An operand that was broadcast gets its gradient summed back to its own shape.

import type { Value } from "../types.ts";
import type { GradientContext, GradientRule } from "./rule.ts";

/** Sums `gradient` over the axes along which `target` was broadcast. */
export function unbroadcast({ graph }: Pick<GradientContext, "graph">, gradient: Value, target: Value): Value {
  if (gradient.shape.join() === target.shape.join()) return gradient;
  const extra = gradient.shape.length - target.shape.length;
  const axes = gradient.shape.flatMap((size, i) => (i < extra || (target.shape[i - extra] === 1 && size !== 1) ? [i] : []));
  const summed = graph.add("ReduceSum", [gradient, graph.ints(axes)], { keepdims: 1 });
  if (extra === 0) return summed;
  const leading = Array.from({ length: extra }, (_, i) => i);
  return graph.add("Squeeze", [summed, graph.ints(leading)]);
}

const add: GradientRule = (context) => [unbroadcast(context, context.gradient, context.input(0)), unbroadcast(context, context.gradient, context.input(1))];

const mul: GradientRule = (context) => {
  const { graph, gradient } = context;
  const [a, b] = [context.input(0), context.input(1)];
  return [
    context.needs(0) ? unbroadcast(context, graph.add("Mul", [gradient, b]), a) : undefined,
    context.needs(1) ? unbroadcast(context, graph.add("Mul", [gradient, a]), b) : undefined,
  ];
};

export const elementwiseGradients: Readonly<Record<string, GradientRule>> = { Add: add, Mul: mul };
