// Rewrites sums over the rows of a matrix as products with a row of ones: ONNX Runtime's reduction over the first axis is several times
// slower.

import { full } from "../core/tensor.ts";
import type { GraphBuilder } from "./builder.ts";
import { type Graph, intAttribute, type Node, type Value } from "./types.ts";

/** Whether `node` of `graph` is a sum or mean over the rows of a float32 matrix of fixed size. */
export function isRowSum(node: Node, graph: Graph): boolean {
  if (node.op !== "ReduceSum" && node.op !== "ReduceMean") return false;
  const [x, axes] = node.inputs as [string, string?];
  const { type, shape } = graph.types.get(x) ?? { type: undefined, shape: [] };
  const known = type === "float32" && shape.length === 2 && shape.every((size) => typeof size === "number");
  return known && graph.constants.get(axes ?? "")?.data.join() === "0";
}

/** A node for which `isRowSum` is true, as a product. */
export function rowSum(graph: GraphBuilder, node: Node, inputs: readonly Value[]): readonly Value[] {
  const x = inputs[0] as Value;
  const [rows, columns] = x.shape as [number, number];
  const weights = graph.constant(full([1, rows], node.op === "ReduceMean" ? 1 / rows : 1));
  const sum = graph.add("MatMul", [weights, x], {}, { name: node.name });
  return [intAttribute(node, "keepdims", 1) === 1 ? sum : graph.add("Reshape", [sum, graph.ints([columns])])];
}
