// Rewrites graphs for ONNX Runtime: what it cannot run into plain operators (BatchNormalization in training mode), and what it runs slowly
// into what it runs fast.

import { GraphBuilder } from "./builder.ts";
import { lowerBatchNormalization } from "./gradients/normalization.ts";
import { type Graph, intAttribute, type Node, type Value } from "./types.ts";

/** Operators of two operands that are broadcast. */
const ARITHMETIC: ReadonlySet<string> = new Set(["Add", "Sub", "Mul", "Div"]);

/** The same graph in operators that ONNX Runtime runs. Statistics that the backward pass already computes are shared with it. */
export function lower(graph: Graph): Graph {
  // One after the other: what the first adds must equal the nodes of the backward pass as they were built.
  const plain = rewrite(graph, isTrainingNorm, lowerBatchNormalization);
  return rewrite(plain, (node) => scalarOperand(node, plain.types) !== undefined, withScalarAtRank);
}

/** The graph with the nodes that are `chosen` made anew by `make`, which gets their inputs and returns their outputs. */
function rewrite(
  graph: Graph,
  chosen: (node: Node) => boolean,
  make: (builder: GraphBuilder, node: Node, inputs: readonly Value[]) => readonly Value[],
): Graph {
  if (!graph.nodes.some(chosen)) return graph;
  const builder = new GraphBuilder();
  for (const input of graph.inputs) builder.input(input.name, input.type, input.shape);
  for (const [name, value] of graph.constants) builder.constant(value, name);
  builder.reserve(graph.outputs.map((output) => output.name));
  const renamed = new Map<string, Value>();
  const valueOf = (name: string): Value | undefined => (name === "" ? undefined : (renamed.get(name) ?? builder.value(name)));
  for (const node of graph.nodes) {
    const inputs = node.inputs.map(valueOf);
    const outputs = chosen(node)
      ? make(builder, node, inputs as Value[])
      : builder.addMany(node.op, inputs, node.attributes, node.outputs.length, { domain: node.domain, name: node.name });
    for (const [i, name] of node.outputs.entries()) if (name !== "") renamed.set(name, outputs[i] as Value);
  }
  return builder.build(Object.fromEntries(graph.outputs.map((output) => [output.name, valueOf(output.name) as Value])));
}

function isTrainingNorm(node: Node): boolean {
  return node.op === "BatchNormalization" && intAttribute(node, "training_mode", 0) === 1;
}

/**
 * Which operand is a scalar beside a tensor that ends in an axis of size 1, such as the weight of a 1×1 convolution; undefined where none
 * is. ONNX Runtime's CPU walks such a pair element by element, twenty times slower than one of equal ranks.
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
