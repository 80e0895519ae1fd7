// Rewrites graphs for ONNX Runtime: what it cannot run into plain operators (BatchNormalization in training mode), and what it runs slowly
// into what it runs fast.

import { lowerBatchNormalization } from "./batch-norm.ts";
import { blockChannels } from "./blocked.ts";
import type { GraphBuilder } from "./builder.ts";
import { plainWeightGradient } from "./gradients/convolution-weight.ts";
import { comparedMaxima } from "./gradients/pooling.ts";
import { windowOf } from "./gradients/window.ts";
import { maximaOf, scatteredMaxima } from "./max-pool.ts";
import { rewrite } from "./rewrite.ts";
import { isRowSum, rowSum } from "./row-sum.ts";
import { padsOfPlain, plainConvolution } from "./transposed.ts";
import { type Graph, intAttribute, type Node, type Value, type ValueType } from "./types.ts";

/** Operators of two operands that are broadcast. */
const ARITHMETIC: ReadonlySet<string> = new Set(["Add", "Sub", "Mul", "Div"]);

/** What the engine's kernels can do. */
export interface Kernels {
  /** How many channels they keep together (`blockChannels`); default 1. */
  readonly block?: number;
  /** Whether MaxPool says where each maximum was; default true. */
  readonly places?: boolean;
}

/** The same graph in operators that ONNX Runtime runs. Statistics that the backward pass already computes are shared with it. */
export function lower(graph: Graph, { block = 1, places = true }: Kernels = {}): Graph {
  // One after the other: what the first adds must equal the nodes of the backward pass as they were built.
  const trained = rewrite(graph, isTrainingNorm, lowerBatchNormalization);
  const pooled = lowerMaxPoolGradients(trained, places);
  const blocked = blockChannels(pooled, block);
  const weighed = rewrite(blocked, ({ op }) => op === "ConvWeightGrad", withPlainWeightGradient);
  const plain = rewrite(weighed, (node) => hasPlainForm(node, weighed.types), plainConvolution);
  const ranked = rewrite(plain, (node) => scalarOperand(node, plain.types) !== undefined, withScalarAtRank);
  return rewrite(ranked, (node) => isRowSum(node, ranked), rowSum);
}

function lowerMaxPoolGradients(graph: Graph, places: boolean): Graph {
  const isGradient = ({ op }: Node): boolean => op === "MaxPoolGrad";
  if (places) {
    const maxima = maximaOf(graph.nodes);
    return rewrite(graph, (node) => isGradient(node) || maxima.has(node.outputs[0] as string), scatteredMaxima);
  }
  return rewrite(graph, isGradient, (builder, node, [x, y, gradient]) => [
    comparedMaxima({ graph: builder, node }, x as Value, y as Value, gradient as Value),
  ]);
}

function withPlainWeightGradient(builder: GraphBuilder, node: Node, inputs: readonly Value[]): readonly Value[] {
  const [x, gradient] = inputs as [Value, Value];
  return [plainWeightGradient({ graph: builder, gradient }, x, windowOf(node, x, gradient), intAttribute(node, "group", 1))];
}

function hasPlainForm(node: Node, types: Graph["types"]): boolean {
  const name = node.inputs[1] as string;
  return node.op === "ConvTranspose" && padsOfPlain(node, { name, ...(types.get(name) as ValueType) }) !== undefined;
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
