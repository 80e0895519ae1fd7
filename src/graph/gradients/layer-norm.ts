// The gradient of layer normalisation. It recomputes mean and deviation from the input, because not every engine has the operator's
// optional outputs.

import type { GraphBuilder } from "../builder.ts";
import { floatAttribute, intAttribute, type Value } from "../types.ts";
import { unbroadcast } from "./elementwise.ts";
import type { GradientRule } from "./rule.ts";

const layerNormalization: GradientRule = (context) => {
  if (context.gradients.slice(1).some((value) => value !== undefined)) context.fail("does not pass through the statistics");
  const { graph, gradient, node } = context;
  const [x, scale, shift] = [context.input(0), context.input(1), context.inputs[2]];
  const rank = x.shape.length;
  const given = intAttribute(node, "axis", -1);
  const first = given < 0 ? given + rank : given;
  const axes = Array.from({ length: rank - first }, (_, i) => first + i);
  const mean = (value: Value): Value => graph.add("ReduceMean", [value, graph.ints(axes)], { keepdims: 1 });
  const centred = graph.add("Sub", [x, mean(x)]);
  const inverseStd = inverseRoot(graph, mean(graph.add("Mul", [centred, centred])), floatAttribute(node, "epsilon", 1e-5));
  const normalised = graph.add("Mul", [centred, inverseStd]);

  const input = (): Value => {
    const scaled = graph.add("Mul", [gradient, scale]);
    const along = graph.add("Mul", [normalised, mean(graph.add("Mul", [scaled, normalised]))]);
    const rest = graph.add("Sub", [graph.add("Sub", [scaled, mean(scaled)]), along]);
    return graph.add("Mul", [rest, inverseStd]);
  };
  return [
    context.needs(0) ? input() : undefined,
    context.needs(1) ? unbroadcast(graph, graph.add("Mul", [gradient, normalised]), scale) : undefined,
    shift && context.needs(2) ? unbroadcast(graph, gradient, shift) : undefined,
  ];
};

function inverseRoot(graph: GraphBuilder, variance: Value, epsilon: number): Value {
  return graph.add("Reciprocal", [graph.add("Sqrt", [graph.add("Add", [variance, graph.scalar(epsilon)])])]);
}

export const layerNormGradients: Readonly<Record<string, GradientRule>> = { LayerNormalization: layerNormalization };
