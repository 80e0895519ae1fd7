// Gradients of two-dimensional convolution. The engine has no kernel for them, so each is written in the operators that it runs fastest;
// convolution-weight.ts has the forms of the weight gradient, this file the input's.

import { intAttribute, type Value } from "../types.ts";
import { weightGradient } from "./convolution-weight.ts";
import type { GradientContext, GradientRule } from "./rule.ts";
import { both, type Window, windowOf } from "./window.ts";

const conv: GradientRule = (given) => {
  const { graph } = given;
  const { rest, factor } = withoutFactor(given);
  const context: GradientContext = { ...given, gradient: rest };
  const [x, weight] = [given.input(0), given.input(1)];
  const scaled = (value: Value): Value => (factor ? graph.add("Mul", [value, factor]) : value);
  const window = windowOf(given.node, x, rest, weight.shape.slice(2));
  const group = intAttribute(given.node, "group", 1);
  const bias = (): Value => {
    const sum = graph.add("ReduceSum", [rest, graph.ints([0, 2, 3])], { keepdims: 0 });
    return factor ? graph.add("Mul", [sum, graph.add("Reshape", [factor, graph.ints([-1])])]) : sum;
  };
  return [
    given.needs(0) ? inputGradient(context, scaled(weight), window, group) : undefined,
    given.needs(1) ? scaled(weightGradient(context, x, weight, window, group)) : undefined,
    given.inputs[2] && given.needs(2) ? bias() : undefined,
  ];
};

/**
 * The gradient without batch norm's final factor per channel: a convolution is linear, so the factor [channels, 1, 1, 1] can be applied to
 * its weights, which are small, instead of the activations.
 */
function withoutFactor({ graph, gradient }: GradientContext): { rest: Value; factor?: Value } {
  const node = graph.nodes.findLast(({ outputs }) => outputs[0] === gradient.name);
  if (node?.op !== "Mul") return { rest: gradient };
  const [rest, factor] = node.inputs.map((name) => graph.value(name)) as [Value, Value];
  const channels = gradient.shape[1];
  if (rest.shape.join() !== gradient.shape.join() || factor.shape.join() !== [1, channels, 1, 1].join()) return { rest: gradient };
  return { rest, factor: graph.add("Reshape", [factor, graph.ints([channels as number, 1, 1, 1])]) };
}

function inputGradient(context: GradientContext, weight: Value, window: Window, group: number): Value {
  const { graph, gradient } = context;
  const { strides, dilations, before, size, reach } = window;
  // output_padding restores rows that no window reached because the stride stepped over the end.
  const missed = both((i) => Math.max(0, size[i] + before[i] - reach[i]));
  const pads = [...before, ...both((i) => reach[i] + missed[i] - size[i] - before[i])];
  return graph.add("ConvTranspose", [gradient, weight], { group, strides, dilations, pads, output_padding: missed });
}

export const convolutionGradients: Readonly<Record<string, GradientRule>> = { Conv: conv };
