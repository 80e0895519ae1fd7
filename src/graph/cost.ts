// The cost of running a graph, counted from its shapes: unlike time, a test can check it exactly.

import { bytesPerElement } from "../core/tensor.ts";
import { type Graph, intAttribute, type Node, staticShape, type Value } from "./types.ts";

export interface Cost {
  /** Operators that compute or copy; those that only rename memory (such as Reshape) are not counted. */
  readonly operators: number;
  /** Those of them that are not products and read or write at least 2^16 elements: passes over activations or large weights. */
  readonly passes: number;
  /** Bytes that the operators read and write, as if there were no cache; an input that one operator reads twice counts once. */
  readonly bytes: number;
  /** Multiplications and additions of convolutions and matrix products. */
  readonly flops: number;
}

/** Operators that only rename memory. */
export const VIEWS: ReadonlySet<string> = new Set(["Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity"]);
const LARGE = 2 ** 16;

/** The cost of one run of `graph`. Throws if a size is symbolic, naming the value. */
export function costOf(graph: Graph): Cost {
  const total = { operators: 0, passes: 0, bytes: 0, flops: 0 };
  for (const node of graph.nodes) {
    if (VIEWS.has(node.op)) continue;
    const values = [...new Set([...node.inputs, ...node.outputs])].filter((name) => name !== "").map((name) => valueOf(graph, name));
    const flops = flopsOf(graph, node);
    total.operators++;
    total.flops += flops;
    for (const value of values) total.bytes += sizeOf(value) * bytesPerElement(value.type);
    if (flops === 0 && values.some((value) => sizeOf(value) >= LARGE)) total.passes++;
  }
  return total;
}

function flopsOf(graph: Graph, node: Node): number {
  const [a, b] = node.inputs.slice(0, 2).map((name) => staticShape(valueOf(graph, name)));
  const output = sizeOf(valueOf(graph, node.outputs[0] as string));
  if (node.op === "Conv") return 2 * output * product((b as readonly number[]).slice(1));
  if (node.op === "ConvTranspose") return 2 * product(a as readonly number[]) * product((b as readonly number[]).slice(1));
  if (node.op === "MatMul" || node.op === "FusedMatMul" || node.op === "Gemm") {
    const inner = intAttribute(node, "transA", 0) === 1 ? -2 : -1;
    return 2 * output * ((a as readonly number[]).at(inner) as number);
  }
  return 0;
}

function valueOf(graph: Graph, name: string): Value {
  const type = graph.types.get(name);
  if (!type) throw new Error(`The graph does not know the type of ${name}`);
  return { name, ...type };
}

function sizeOf(value: Value): number {
  return product(staticShape(value));
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((a, b) => a * b, 1);
}
