// Shape inference of matrix products.

import { type Dimension, intAttribute, type Shape } from "../types.ts";
import { broadcastShapes, type InferenceContext, type InferenceRule } from "./rule.ts";

export const matmulRules: Readonly<Record<string, InferenceRule>> = {
  MatMul: (context) => [{ type: context.input(0).type, shape: product(context, context.input(0).shape, context.input(1).shape) }],
  FusedMatMul: (context) => {
    const a = transposed(context.input(0).shape, intAttribute(context.node, "transA", 0) === 1);
    const b = transposed(context.input(1).shape, intAttribute(context.node, "transB", 0) === 1);
    return [{ type: context.input(0).type, shape: product(context, a, b) }];
  },
  Gemm: (context) => {
    const a = transposed(context.input(0).shape, intAttribute(context.node, "transA", 0) === 1);
    const b = transposed(context.input(1).shape, intAttribute(context.node, "transB", 0) === 1);
    if (a.length !== 2 || b.length !== 2) context.fail("needs two matrices");
    return [{ type: context.input(0).type, shape: product(context, a, b) }];
  },
};

function transposed(shape: Shape, yes: boolean): Shape {
  return yes ? [...shape.slice(0, -2), shape.at(-1) as Dimension, shape.at(-2) as Dimension] : shape;
}

function product(context: InferenceContext, a: Shape, b: Shape): Shape {
  if (a.length < 2 || b.length < 2) return context.fail("needs operands of at least two dimensions");
  if (a.at(-1) !== b.at(-2)) return context.fail(`cannot multiply [${a}] with [${b}]`);
  const stack = broadcastShapes(a.slice(0, -2), b.slice(0, -2), (message) => context.fail(message));
  return [...stack, a.at(-2) as Dimension, b.at(-1) as Dimension];
}
