// Rewrites what ONNX Runtime cannot run into plain operators: BatchNormalization in training mode.

import { GraphBuilder } from "./builder.ts";
import { lowerBatchNormalization } from "./gradients/normalization.ts";
import { type Graph, intAttribute, type Value } from "./types.ts";

/** The same graph in operators that ONNX Runtime runs. Statistics that the backward pass already computes are shared with it. */
export function lower(graph: Graph): Graph {
  if (!graph.nodes.some((node) => node.op === "BatchNormalization" && intAttribute(node, "training_mode", 0) === 1)) return graph;
  const builder = new GraphBuilder();
  for (const input of graph.inputs) builder.input(input.name, input.type, input.shape);
  for (const [name, value] of graph.constants) builder.constant(value, name);
  builder.reserve(graph.outputs.map((output) => output.name));
  const renamed = new Map<string, Value>();
  const valueOf = (name: string): Value | undefined => (name === "" ? undefined : (renamed.get(name) ?? builder.value(name)));
  for (const node of graph.nodes) {
    const inputs = node.inputs.map(valueOf);
    const outputs =
      node.op === "BatchNormalization" && intAttribute(node, "training_mode", 0) === 1
        ? lowerBatchNormalization(builder, node, inputs as Value[])
        : builder.addMany(node.op, inputs, node.attributes, node.outputs.length, { domain: node.domain, name: node.name });
    for (const [i, name] of node.outputs.entries()) if (name !== "") renamed.set(name, outputs[i] as Value);
  }
  return builder.build(Object.fromEntries(graph.outputs.map((output) => [output.name, valueOf(output.name) as Value])));
}
