// Folds batch normalisation into the convolution before it, or into the matrix product after it: in inference both are linear, so one
// operator with other weights replaces two.

import { sizeOf, type Tensor } from "../core/tensor.ts";
import { GraphBuilder } from "./builder.ts";
import { floatAttribute, type Graph, intAttribute, type Node, type Value } from "./types.ts";

/**
 * The same graph with every BatchNormalization in inference mode folded into the Conv before it, if that Conv's output is not used
 * elsewhere and all parameters are constants. Others stay unchanged. Outputs agree to 1e-5.
 */
export function foldBatchNorm(graph: Graph): Graph {
  return merged(graph, findConvolutions(graph), (builder, norm, conv) => foldedConv(builder, graph, conv, norm));
}

/**
 * The same graph with every BatchNormalization in inference mode folded into the Gemm after it, y = W·x + b with transB, if its output is
 * not used elsewhere and all parameters are constants, as in fastai's head. Others stay unchanged. Outputs agree to 1e-5.
 */
export function foldIntoProducts(graph: Graph): Graph {
  return merged(graph, findProducts(graph), (builder, product, norm) => foldedProduct(builder, graph, product, norm));
}

/** The graph without the values of `folds`, with the results of `make` in place of its keys. */
function merged(graph: Graph, folds: ReadonlyMap<Node, Node>, make: (builder: GraphBuilder, node: Node, other: Node) => Node): Graph {
  if (folds.size === 0) return graph;
  const builder = new GraphBuilder();
  for (const input of graph.inputs) builder.input(input.name, input.type, input.shape);
  for (const [name, value] of graph.constants) builder.constant(value, name);
  const gone = new Set(folds.values());
  for (const node of graph.nodes) {
    const other = folds.get(node);
    if (other) builder.append(make(builder, node, other));
    else if (!gone.has(node)) builder.append(node, graph);
  }
  return builder.build(Object.fromEntries(graph.outputs.map(({ name }): [string, Value] => [name, builder.value(name)])));
}

/** For each foldable BatchNormalization, the Conv before it. */
function findConvolutions(graph: Graph): ReadonlyMap<Node, Node> {
  const { maker, usedOnce, constant } = linksOf(graph);
  const folds = new Map<Node, Node>();
  for (const node of graph.nodes) {
    if (!isFixedNorm(node)) continue;
    const x = node.inputs[0] as string;
    const conv = maker(x);
    if (conv?.op === "Conv" && usedOnce(x) && constant(conv.inputs.slice(1)) && constant(node.inputs.slice(1))) folds.set(node, conv);
  }
  return folds;
}

/** For each Gemm that one can be folded into, the BatchNormalization before it. */
function findProducts(graph: Graph): ReadonlyMap<Node, Node> {
  const { maker, usedOnce, constant } = linksOf(graph);
  const folds = new Map<Node, Node>();
  for (const node of graph.nodes) {
    if (!isLinearLayer(node, graph)) continue;
    const x = node.inputs[0] as string;
    const norm = maker(x);
    if (norm && isFixedNorm(norm) && usedOnce(x) && constant(node.inputs.slice(1)) && constant(norm.inputs.slice(1))) folds.set(node, norm);
  }
  return folds;
}

/** Look-ups: the node that computes a value, whether it has a single consumer, and whether values are constants. */
function linksOf(graph: Graph) {
  const makers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const uses = new Map<string, number>();
  for (const name of [...graph.nodes.flatMap((node) => node.inputs), ...graph.outputs.map((output) => output.name)])
    uses.set(name, (uses.get(name) ?? 0) + 1);
  return {
    maker: (name: string): Node | undefined => makers.get(name),
    usedOnce: (name: string): boolean => uses.get(name) === 1,
    constant: (names: readonly string[]): boolean => names.every((name) => name === "" || graph.constants.has(name)),
  };
}

function isFixedNorm(node: Node): boolean {
  return node.op === "BatchNormalization" && intAttribute(node, "training_mode", 0) !== 1;
}

/** Whether `node` is y = W·x + b with W [outputs, inputs] and b [outputs], or without b. */
function isLinearLayer(node: Node, { constants }: Graph): boolean {
  if (node.op !== "Gemm" || intAttribute(node, "transA", 0) !== 0 || intAttribute(node, "transB", 0) !== 1) return false;
  if (floatAttribute(node, "alpha", 1) !== 1 || floatAttribute(node, "beta", 1) !== 1) return false;
  const [outputs] = constants.get(node.inputs[1] as string)?.shape ?? [];
  const bias = node.inputs[2] ? constants.get(node.inputs[2]) : undefined;
  return bias === undefined || bias.shape.join() === `${outputs}`;
}

function foldedConv(builder: GraphBuilder, graph: Graph, conv: Node, norm: Node): Node {
  const { weight, bias } = weightsOf(graph, conv);
  const { factors, shift, mean } = normOf(graph, norm);
  const filter = sizeOf(weight.shape.slice(1));
  const folded = new Float32Array(weight.data.length);
  for (const [channel, factor] of factors.entries())
    for (let i = channel * filter; i < (channel + 1) * filter; i++) folded[i] = (weight.data[i] as number) * factor;
  const offset = Float32Array.from(factors, (factor, i) => (shift[i] as number) + (Number(bias?.[i] ?? 0) - (mean[i] as number)) * factor);
  return withWeights(
    builder,
    { ...conv, outputs: [norm.outputs[0] as string] },
    conv.inputs[0] as string,
    { ...weight, data: folded },
    offset,
  );
}

/** W·(factor·x + shift − mean·factor) + b, rearranged as a product with x plus a constant. */
function foldedProduct(builder: GraphBuilder, graph: Graph, product: Node, norm: Node): Node {
  const { weight, bias } = weightsOf(graph, product);
  const { factors, shift, mean } = normOf(graph, norm);
  const columns = factors.length;
  const folded = weight.data.map((value, i) => value * (factors[i % columns] as number));
  const offset = Float32Array.from({ length: weight.data.length / columns }, (_, row) => {
    const own = weight.data.subarray(row * columns, (row + 1) * columns);
    return own.reduce((sum, value, i) => sum + value * (shift[i]! - mean[i]! * factors[i]!), Number(bias?.[row] ?? 0));
  });
  return withWeights(builder, product, norm.inputs[0] as string, { ...weight, data: folded }, offset);
}

/** `node` on `x` with other weights. */
function withWeights(builder: GraphBuilder, node: Node, x: string, weight: Tensor<"float32">, offset: Float32Array<ArrayBuffer>): Node {
  const inputs = [
    x,
    builder.constant(weight, freeName(builder, `${node.name}.weight`)).name,
    builder.constant({ type: "float32", shape: [offset.length], data: offset }, freeName(builder, `${node.name}.bias`)).name,
  ];
  return { ...node, inputs };
}

function weightsOf({ constants }: Graph, { inputs }: Node): { weight: Tensor<"float32">; bias: Tensor["data"] | undefined } {
  const bias = inputs[2] ? constants.get(inputs[2]) : undefined;
  return { weight: constants.get(inputs[1] as string) as Tensor<"float32">, bias: bias?.data };
}

/** The constants of a BatchNormalization; `factors` are scale / √(variance + ε). */
function normOf({ constants }: Graph, norm: Node): { factors: Float64Array; shift: Float32Array; mean: Float32Array } {
  const [scale, shift, mean, variance] = norm.inputs.slice(1).map((name) => constants.get(name)?.data) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const epsilon = floatAttribute(norm, "epsilon", 1e-5);
  return { factors: Float64Array.from(scale, (value, i) => value / Math.sqrt((variance[i] as number) + epsilon)), shift, mean };
}

function freeName(builder: GraphBuilder, name: string): string {
  return builder.has(name) ? freeName(builder, `${name}.folded`) : name;
}
