// The gradient of selecting rows by constant indices: a product with a matrix of zeros and ones, which sums over rows that are selected
// more than once.

import { float32, sizeOf, type Tensor } from "../../core/tensor.ts";
import { intAttribute, staticShape } from "../types.ts";
import type { GradientContext, GradientRule } from "./rule.ts";

/** The most elements of the matrix; a larger one would be too expensive. */
const LARGEST = 2 ** 24;

const gather: GradientRule = (context) => {
  const { graph, gradient, node } = context;
  const shape = staticShape(context.input(0));
  const given = intAttribute(node, "axis", 0);
  const axis = given < 0 ? given + shape.length : given;
  const indices = indicesOf(context);
  const [before, after] = [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis + 1))];
  const picked = graph.add("Reshape", [gradient, graph.ints([before, indices.length, after])]);
  const summed = graph.add("MatMul", [graph.constant(places(context, indices, shape[axis] as number)), picked]);
  return [graph.add("Reshape", [summed, graph.ints(shape)]), undefined];
};

function indicesOf(context: GradientContext): readonly number[] {
  const constant = context.graph.constantOf(context.input(1));
  return constant ? Array.from(constant.data as ArrayLike<number | bigint>, Number) : context.fail("needs constant indices");
}

/** A one-hot column for each index: [rows, indices]. */
function places(context: GradientContext, indices: readonly number[], rows: number): Tensor {
  if (indices.length * rows > LARGEST) return context.fail(`would need a matrix of ${rows} rows for ${indices.length} indices`);
  const data = new Float32Array(rows * indices.length);
  for (const [i, index] of indices.entries()) data[(index < 0 ? index + rows : index) * indices.length + i] = 1;
  return float32(data, [rows, indices.length]);
}

export const gatherGradients: Readonly<Record<string, GradientRule>> = { Gather: gather };
