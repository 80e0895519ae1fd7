// Shape inference of 8-bit operators: the rules of their float forms, with scales and zero points beside each tensor.

import type { Value } from "../types.ts";
import { convolutionRules } from "./convolution.ts";
import { elementwiseRules } from "./elementwise.ts";
import type { InferenceContext, InferenceRule } from "./rule.ts";
import { shapeRules } from "./shape.ts";

export const quantizationRules: Readonly<Record<string, InferenceRule>> = {
  QuantizeLinear: (context) => [{ type: context.input(2).type, shape: context.input(0).shape }],
  DequantizeLinear: (context) => [{ type: context.input(1).type, shape: context.input(0).shape }],
  QLinearConv: (context) => like("Conv", convolutionRules, context, [0, 3]),
  QLinearAdd: (context) => like("Add", elementwiseRules, context, [0, 3]),
  QLinearConcat: (context) =>
    like(
      "Concat",
      shapeRules,
      context,
      [...context.inputs.keys()].filter((i) => i >= 2 && i % 3 === 2),
    ),
};

/** The result of the float operator's rule for the tensors at `positions`. */
function like(op: string, rules: Readonly<Record<string, InferenceRule>>, context: InferenceContext, positions: readonly number[]) {
  const inputs = positions.map((position) => context.input(position));
  const input = (i: number): Value => inputs[i] ?? context.fail(`lacks its tensor ${i}`);
  return (rules[op] as InferenceRule)({ ...context, inputs, input });
}
