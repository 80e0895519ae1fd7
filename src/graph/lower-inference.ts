// Rewrites graphs with constant weights into operators that ONNX Runtime runs fast. Training graphs also need lower.ts.

import type { GraphBuilder } from "./builder.ts";
import { rewrite } from "./rewrite.ts";
import { isRowSum, rowSum } from "./row-sum.ts";
import { padsOfPlain, plainConvolution } from "./transposed.ts";
import type { Graph, Node, Value, ValueType } from "./types.ts";

/** Operators with two broadcast operands. */
const ARITHMETIC: ReadonlySet<string> = new Set(["Add", "Sub", "Mul", "Div"]);

/** The same graph in operators that ONNX Runtime runs fast. */
export function lowerInference(graph: Graph): Graph {
  const plain = rewrite(graph, (node) => hasPlainForm(node, graph.types), plainConvolution);
  const ranked = rewrite(plain, (node) => scalarOperand(node, plain.types) !== undefined, withScalarAtRank);
  return rewrite(ranked, (node) => isRowSum(node, ranked), rowSum);
}

function hasPlainForm(node: Node, types: Graph["types"]): boolean {
  const name = node.inputs[1] as string;
  return node.op === "ConvTranspose" && padsOfPlain(node, { name, ...(types.get(name) as ValueType) }) !== undefined;
}

/**
 * Which operand is a scalar beside a tensor whose last axis has size 1, such as the weight of a 1×1 convolution; undefined if neither is.
 * ONNX Runtime's CPU computes such a pair element by element, twenty times slower than a pair of equal ranks.
 */
function scalarOperand(node: Node, types: Graph["types"]): 0 | 1 | undefined {
  if (!ARITHMETIC.has(node.op)) return undefined;
  const [a, b] = node.inputs.map((name) => types.get(name)?.shape ?? []);
  if (a?.length === 0 && (b?.length ?? 0) > 1 && b?.at(-1) === 1) return 0;
  return b?.length === 0 && (a?.length ?? 0) > 1 && a?.at(-1) === 1 ? 1 : undefined;
}

function withScalarAtRank(builder: GraphBuilder, node: Node, inputs: readonly Value[]): readonly Value[] {
  const [a, b] = inputs as [Value, Value];
  const operands = a.shape.length === 0 ? [atRankOf(builder, a, b), b] : [a, atRankOf(builder, b, a)];
  return [builder.add(node.op, operands, node.attributes, { name: node.name })];
}

function atRankOf(builder: GraphBuilder, scalar: Value, other: Value): Value {
  const ones = Array<number>(other.shape.length).fill(1);
  const tensor = builder.constantOf(scalar);
  return tensor ? builder.constant({ ...tensor, shape: ones }) : builder.add("Reshape", [scalar, builder.ints(ones)]);
}
