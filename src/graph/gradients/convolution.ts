// Gradients of two-dimensional convolution. The engine has no kernel for either, so each is said in the operators that it runs fastest;
// convolution-weight.ts has the forms of the weight gradient, this file the input's and the choice.

import { intAttribute, staticShape, type Value } from "../types.ts";
import { weightGradient } from "./convolution-weight.ts";
import type { GradientContext, GradientRule } from "./rule.ts";
import { both, type Window, windowOf } from "./window.ts";

const conv: GradientRule = (given) => {
  const { graph } = given;
  const { rest, factor } = withoutFactor(given);
  const context: GradientContext = { ...given, gradient: rest };
  const [x, weight] = [given.input(0), given.input(1)];
  const scaled = (value: Value): Value => (factor ? graph.add("Mul", [value, factor]) : value);
  const window = windowOf(context, x, rest, weight.shape.slice(2));
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
 * The gradient without the factor for each channel that batch norm leaves at its end: a convolution is linear, so the factor
 * [channels, 1, 1, 1] may go to its weights, which are small, instead of the activations.
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
  const { kernel, strides, dilations, before, size, output, reach } = window;
  // Padding of the transposed image; where it is negative, only ConvTranspose can say it.
  const margin = both((i) => dilations[i] * (kernel[i] - 1) - before[i]);
  const end = both((i) => size[i] - output[i] - margin[i] + dilations[i] * (kernel[i] - 1));
  if (strides.every((stride) => stride === 1) && [...margin, ...end].every((count) => count >= 0)) {
    return graph.add("Conv", [gradient, flipped(context, weight, group)], { group, dilations, pads: [...margin, ...end] });
  }
  // Rows that no window reached, because the stride stepped over the end, are restored by output_padding.
  const missed = both((i) => Math.max(0, size[i] + before[i] - reach[i]));
  const pads = [...before, ...both((i) => reach[i] + missed[i] - size[i] - before[i])];
  return graph.add("ConvTranspose", [gradient, weight], { group, strides, dilations, pads, output_padding: missed });
}

/** The kernel of the transposed convolution: [out, in / group, h, w] turned by 180° and its channel axes swapped within each group. */
function flipped({ graph }: GradientContext, weight: Value, group: number): Value {
  const [out, channels, height, width] = staticShape(weight) as [number, number, number, number];
  const reshape = (value: Value, shape: readonly number[]): Value => graph.add("Reshape", [value, graph.ints(shape)]);
  const swap = group < out || channels > 1;
  const grouped = reshape(weight, [group, out / group, channels, height * width]);
  const swapped = swap ? graph.add("Transpose", [grouped], { perm: [0, 2, 1, 3] }) : grouped;
  const turned =
    height * width === 1
      ? swapped
      : graph.add("Gather", [swapped, graph.ints(Array.from({ length: height * width }, (_, i) => height * width - 1 - i))], { axis: 3 });
  return reshape(turned, [channels * group, out / group, height, width]);
}

export const convolutionGradients: Readonly<Record<string, GradientRule>> = { Conv: conv };
