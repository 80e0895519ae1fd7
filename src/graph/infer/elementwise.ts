// Shape inference of elementwise arithmetic, comparisons and casts: operands broadcast by NumPy's rule.

import type { ElementType } from "../../core/tensor.ts";
import { elementTypeOf } from "../element-types.ts";
import { intAttribute, type Shape } from "../types.ts";
import { broadcastShapes, type InferenceContext, type InferenceRule } from "./rule.ts";

const sameType: InferenceRule = (context) => [{ type: context.input(0).type, shape: broadcastInputs(context) }];
const boolean: InferenceRule = (context) => [{ type: "bool", shape: broadcastInputs(context) }];

const ARITHMETIC = ["Add", "Sub", "Mul", "Div", "Pow", "Min", "Max", "Sum", "Mod", "And", "Or", "Xor"];
const COMPARISONS = ["Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual"];
const UNARY = ["Abs", "Neg", "Sign", "Sqrt", "Reciprocal", "Exp", "Log", "Floor", "Ceil", "Round", "Identity", "Not", "Erf", "Sin", "Cos"];

export const elementwiseRules: Readonly<Record<string, InferenceRule>> = {
  ...Object.fromEntries([...ARITHMETIC, ...UNARY].map((op) => [op, sameType])),
  ...Object.fromEntries(COMPARISONS.map((op) => [op, boolean])),
  IsNaN: boolean,
  Where: (context) => [{ type: context.input(1).type, shape: broadcastInputs(context) }],
  Cast: (context) => [{ type: castType(context), shape: context.input(0).shape }],
};

function broadcastInputs(context: InferenceContext): Shape {
  const inputs = context.inputs.filter((input) => input !== undefined);
  return inputs.map((input) => input.shape).reduce((a, b) => broadcastShapes(a, b, (message) => context.fail(message)));
}

function castType(context: InferenceContext): ElementType {
  return elementTypeOf(intAttribute(context.node, "to", 0)) ?? context.fail("casts to a type that thaw does not use");
}
