// Gradients of matrix products.

import { product } from "../product.ts";
import { floatAttribute, intAttribute, type Value } from "../types.ts";
import { unbroadcast } from "./elementwise.ts";
import type { GradientRule } from "./rule.ts";

const matMul: GradientRule = (context) => {
  const { graph, gradient } = context;
  const [a, b] = [context.input(0), context.input(1)];
  // A weight matrix with batched rows: one product over all rows instead of one per batch and a sum.
  const rows = (value: Value): Value => graph.add("Reshape", [value, graph.ints([-1, value.shape.at(-1) as number])]);
  const byRows = b.shape.length === 2 && a.shape.length > 2 && typeof a.shape.at(-1) === "number" && typeof b.shape[1] === "number";
  const right = (): Value =>
    byRows
      ? product(graph, rows(a), rows(gradient), { transA: true })
      : unbroadcast(graph, product(graph, a, gradient, { transA: true }), b);
  return [
    context.needs(0) ? unbroadcast(graph, product(graph, gradient, b, { transB: true }), a) : undefined,
    context.needs(1) ? right() : undefined,
  ];
};

const gemm: GradientRule = (context) => {
  const { graph, gradient, node } = context;
  const [a, b, c] = [context.input(0), context.input(1), context.inputs[2]];
  const [transA, transB] = [intAttribute(node, "transA", 0) === 1, intAttribute(node, "transB", 0) === 1];
  const [alpha, beta] = [floatAttribute(node, "alpha", 1), floatAttribute(node, "beta", 1)];
  const left = (): Value =>
    transA ? product(graph, b, gradient, { transA: transB, transB: true, alpha }) : product(graph, gradient, b, { transB: !transB, alpha });
  const right = (): Value =>
    transB ? product(graph, gradient, a, { transA: true, transB: transA, alpha }) : product(graph, a, gradient, { transA: !transA, alpha });
  const bias = (target: Value): Value => {
    const summed = unbroadcast(graph, gradient, target);
    return beta === 1 ? summed : graph.add("Mul", [summed, graph.scalar(beta)]);
  };
  return [context.needs(0) ? left() : undefined, context.needs(1) ? right() : undefined, c && context.needs(2) ? bias(c) : undefined];
};

export const matMulGradients: Readonly<Record<string, GradientRule>> = { MatMul: matMul, Gemm: gemm };
