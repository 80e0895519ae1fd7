// Replaces chosen nodes of a graph.

import { GraphBuilder } from "./builder.ts";
import type { Graph, Node, Value } from "./types.ts";

/** The graph with the nodes for which `chosen` is true replaced by `make`, which gets their inputs and returns their outputs. */
export function rewrite(
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
