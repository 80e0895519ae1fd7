// Computes once, by the engine, weights that an exported graph computes from others (transposed, concatenated, scaled).

import { sizeOf, type Tensor } from "../../core/tensor.ts";
import { GraphBuilder } from "../../graph/builder.ts";
import { canInfer } from "../../graph/infer.ts";
import type { SourceGraph } from "../../graph/source/read.ts";
import type { Node, Value } from "../../graph/types.ts";
import { openSession } from "../../runtime/session.ts";

/** The most elements of all results together; computations beyond that stay in the graph. */
const MOST = 2 ** 26;

/** Operators whose result differs each time. */
const RANDOM: ReadonlySet<string> = new Set(["RandomNormal", "RandomUniform", "Multinomial", "Bernoulli"]);

/** The graph with every node that depends only on constants replaced by its result. */
export async function foldConstants(graph: SourceGraph): Promise<SourceGraph> {
  const folded = await foldOnce(graph);
  // Shapes and axes that are constant only now allow further nodes to be folded.
  return folded === graph ? graph : foldConstants(folded);
}

async function foldOnce(graph: SourceGraph): Promise<SourceGraph> {
  const builder = new GraphBuilder();
  const made = new Map<string, Value>();
  const folded = new Set<Node>();
  let elements = 0;
  const find = (name: string): Value | undefined => {
    const constant = graph.constants.get(name);
    return made.get(name) ?? (constant && builder.constant(constant));
  };
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((name) => (name === "" ? undefined : find(name)));
    if (RANDOM.has(node.op) || node.inputs.some((name, i) => name !== "" && !inputs[i]) || !inputs.some((input) => input)) continue;
    const outputs = tryAdd(builder, node, inputs, graph);
    elements += outputs?.reduce((sum, { shape }) => sum + sizeOf(shape as readonly number[]), 0) ?? 0;
    if (!outputs || elements > MOST) continue;
    folded.add(node);
    for (const [i, name] of node.outputs.entries()) if (name !== "") made.set(name, outputs[i] as Value);
  }
  if (folded.size === 0) return graph;
  const results = await compute(builder, made);
  return { ...graph, nodes: graph.nodes.filter((node) => !folded.has(node)), constants: new Map([...graph.constants, ...results]) };
}

/** Adds the node to the builder; undefined if neither thaw nor the file knows its result's shape. */
function tryAdd(
  builder: GraphBuilder,
  node: Node,
  inputs: readonly (Value | undefined)[],
  { types }: SourceGraph,
): readonly Value[] | undefined {
  try {
    if (canInfer(node.op)) return builder.addMany(node.op, inputs, node.attributes, node.outputs.length);
    return builder.append({ ...node, inputs: inputs.map((input) => input?.name ?? "") }, { types });
  } catch {
    return undefined;
  }
}

async function compute(builder: GraphBuilder, made: ReadonlyMap<string, Value>): Promise<ReadonlyMap<string, Tensor>> {
  const names = [...made.keys()];
  const graph = builder.build(Object.fromEntries([...made.values()].map((value, i) => [`result ${i}`, value])));
  const session = await openSession(graph, { threads: 1 });
  try {
    const results = await session.run({});
    return new Map(names.map((name, i) => [name, results[`result ${i}`] as Tensor]));
  } finally {
    await session.release();
  }
}
