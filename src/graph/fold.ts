// Folds batch normalisation into the convolution before it: at inference both are linear, so one convolution with other weights does the work of two.

import { sizeOf, type Tensor } from "../core/tensor.ts";
import { GraphBuilder } from "./builder.ts";
import { floatAttribute, type Graph, intAttribute, type Node, type Value } from "./types.ts";

/**
 * The same graph with every BatchNormalization in inference mode folded into the Conv before it, where that Conv's output goes nowhere else
 * and all parameters are constants. Others stay as they are. Outputs agree to 1e-5.
 */
export function foldBatchNorm(graph: Graph): Graph {
  const folds = findFolds(graph);
  if (folds.size === 0) return graph;
  const builder = new GraphBuilder();
  for (const input of graph.inputs) builder.input(input.name, input.type, input.shape);
  for (const [name, value] of graph.constants) builder.constant(value, name);
  const gone = new Set(folds.values());
  for (const node of graph.nodes) {
    const conv = folds.get(node);
    if (conv) builder.append(foldedConv(builder, graph, conv, node));
    else if (!gone.has(node)) builder.append(node, graph);
  }
  return builder.build(Object.fromEntries(graph.outputs.map(({ name }): [string, Value] => [name, builder.value(name)])));
}

/** For each foldable BatchNormalization, its Conv. */
function findFolds(graph: Graph): ReadonlyMap<Node, Node> {
  const makers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const uses = new Map<string, number>();
  for (const name of [...graph.nodes.flatMap((node) => node.inputs), ...graph.outputs.map((output) => output.name)])
    uses.set(name, (uses.get(name) ?? 0) + 1);
  const constant = (names: readonly string[]): boolean => names.every((name) => name === "" || graph.constants.has(name));
  const folds = new Map<Node, Node>();
  for (const node of graph.nodes) {
    if (node.op !== "BatchNormalization" || intAttribute(node, "training_mode", 0) === 1) continue;
    const x = node.inputs[0] as string;
    const conv = makers.get(x);
    if (conv?.op === "Conv" && uses.get(x) === 1 && constant(conv.inputs.slice(1)) && constant(node.inputs.slice(1))) folds.set(node, conv);
  }
  return folds;
}

function foldedConv(builder: GraphBuilder, graph: Graph, conv: Node, norm: Node): Node {
  const constant = (name: string | undefined): Tensor | undefined => (name ? graph.constants.get(name) : undefined);
  const weight = constant(conv.inputs[1]) as Tensor<"float32">;
  const bias = constant(conv.inputs[2])?.data;
  const [scale, shift, mean, variance] = norm.inputs.slice(1).map((name) => constant(name)?.data) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const epsilon = floatAttribute(norm, "epsilon", 1e-5);
  const factors = Float64Array.from(scale, (value, i) => value / Math.sqrt((variance[i] as number) + epsilon));
  const filter = sizeOf(weight.shape.slice(1));
  const folded = weight.data.map((value, i) => value * (factors[Math.floor(i / filter)] as number));
  const offset = Float32Array.from(factors, (factor, i) => (shift[i] as number) + (Number(bias?.[i] ?? 0) - (mean[i] as number)) * factor);
  const inputs = [
    conv.inputs[0] as string,
    builder.constant({ ...weight, data: folded }, freeName(builder, `${conv.name}.weight`)).name,
    builder.constant({ type: "float32", shape: [offset.length], data: offset }, freeName(builder, `${conv.name}.bias`)).name,
  ];
  return { ...conv, inputs, outputs: [norm.outputs[0] as string] };
}

function freeName(builder: GraphBuilder, name: string): string {
  return builder.has(name) ? freeName(builder, `${name}.folded`) : name;
}
