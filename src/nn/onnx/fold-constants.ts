// Computes once, by the engine, weights that an exported graph computes from others (transposed, concatenated, scaled).

import { UsageError } from "../../core/errors.ts";
import { bytesPerElement, sizeOf, type Tensor } from "../../core/tensor.ts";
import { GraphBuilder } from "../../graph/builder.ts";
import { canInfer } from "../../graph/infer.ts";
import type { SourceGraph } from "../../graph/source/read.ts";
import type { Node, Value } from "../../graph/types.ts";
import { openSession } from "../../runtime/session.ts";

/** Operators whose result differs each time. */
const RANDOM: ReadonlySet<string> = new Set(["RandomNormal", "RandomUniform", "Multinomial", "Bernoulli"]);

/** Operators that thaw has no shape rule for, whose results are no larger than their inputs together. */
const BOUNDED: ReadonlySet<string> = new Set([
  ...["And", "Or", "Xor", "IsNaN", "IsInf", "BitShift", "BitwiseAnd", "BitwiseNot", "BitwiseOr", "BitwiseXor", "Mod", "Round", "Sign"],
  ...["ArgMax", "ArgMin", "CumSum", "EyeLike", "GatherElements", "Hardmax", "LpNormalization", "Scatter", "ScatterElements", "ScatterND"],
  ...["Compress", "DepthToSpace", "ReverseSequence", "SpaceToDepth", "TopK", "Trilu", "Unique"],
]);

/**
 * The graph with every node that depends only on constants replaced by its result. Throws a UsageError that names the node if the results
 * would take more than four times the bytes of the file's constants and 64 MB, or more than about a second to compute, and if the engine
 * cannot compute them.
 */
export async function foldConstants(graph: SourceGraph): Promise<SourceGraph> {
  const stored = [...graph.constants.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
  const budget = { bytes: 4 * stored + 64e6, operations: 1e10, passes: 32 };
  let folded = graph;
  // Shapes and axes that are constant only after one pass allow further nodes to be folded in the next.
  for (; budget.passes > 0; budget.passes--) {
    const next = await foldOnce(folded, budget);
    if (next === folded) break;
    folded = next;
  }
  return folded;
}

/** What may still be computed. */
interface Budget {
  bytes: number;
  operations: number;
  passes: number;
}

async function foldOnce(graph: SourceGraph, budget: Budget): Promise<SourceGraph> {
  const builder = new GraphBuilder();
  const made = new Map<string, Value>();
  const folded = new Set<Node>();
  const find = (name: string): Value | undefined => {
    const constant = graph.constants.get(name);
    return made.get(name) ?? (constant && builder.constant(constant));
  };
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((name) => (name === "" ? undefined : find(name)));
    if (RANDOM.has(node.op) || node.inputs.some((name, i) => name !== "" && !inputs[i]) || !inputs.some((input) => input)) continue;
    const outputs = tryAdd(builder, node, inputs, graph);
    if (!outputs) continue;
    spend(budget, node, inputs, outputs);
    folded.add(node);
    for (const [i, name] of node.outputs.entries()) if (name !== "") made.set(name, outputs[i] as Value);
  }
  if (folded.size === 0) return graph;
  const results = await compute(builder, made);
  return { ...graph, nodes: graph.nodes.filter((node) => !folded.has(node)), constants: new Map([...graph.constants, ...results]) };
}

/** Counts the results of `node` before they are computed. */
function spend(budget: Budget, node: Node, inputs: readonly (Value | undefined)[], outputs: readonly Value[]): void {
  const sizes = outputs.map(({ shape }) => sizeOf(shape as readonly number[]));
  budget.bytes -= outputs.reduce((sum, { type }, i) => sum + (sizes[i] as number) * bytesPerElement(type), 0);
  budget.operations -=
    (sizes[0] as number) * termsOf(node, inputs) +
    inputs.reduce((sum, input) => sum + (input ? sizeOf(input.shape as readonly number[]) : 0), 0);
  if (budget.bytes >= 0 && budget.operations >= 0) return;
  throw new UsageError(
    `Operator ${node.op} (node "${node.name}") computes [${outputs[0]?.shape}] from constants: ${budget.bytes < 0 ? "more memory than four times the file and 64 MB" : "more than a second's work"}`,
    "The file is damaged or malicious; if you trust it, compute its constants with an ONNX optimiser first.",
  );
}

/** Numbers that go into each number of a result. */
function termsOf({ op }: Node, [a, b]: readonly (Value | undefined)[]): number {
  const [shape, weight] = [a?.shape ?? [], b?.shape ?? []] as [readonly number[], readonly number[]];
  if (op === "MatMul" || op === "Gemm") return Math.max(...shape, 1);
  if (op === "Conv" || op === "ConvTranspose") return sizeOf(weight.slice(1));
  return 1;
}

/** Adds the node to the builder; undefined if its result's size is not certain, or wrong for every engine. */
function tryAdd(
  builder: GraphBuilder,
  node: Node,
  inputs: readonly (Value | undefined)[],
  { types }: SourceGraph,
): readonly Value[] | undefined {
  const bounded = inputs.reduce((sum, input) => sum + (input ? sizeOf(input.shape as readonly number[]) : 0), 0);
  try {
    const outputs = canInfer(node.op)
      ? inferred(builder, node, inputs)
      : BOUNDED.has(node.op)
        ? builder.append({ ...node, inputs: inputs.map((input) => input?.name ?? "") }, { types })
        : undefined;
    const possible = outputs?.every(({ shape }) => shape.every((size) => Number.isSafeInteger(size) && (size as number) >= 0));
    if (!possible) return undefined;
    return canInfer(node.op) || outputs?.every(({ shape }) => sizeOf(shape as readonly number[]) <= bounded) ? outputs : undefined;
  } catch {
    return undefined;
  }
}

function inferred(builder: GraphBuilder, node: Node, inputs: readonly (Value | undefined)[]): readonly Value[] {
  return builder.addMany(node.op, inputs, node.attributes, node.outputs.length, { name: node.name });
}

async function compute(builder: GraphBuilder, made: ReadonlyMap<string, Value>): Promise<ReadonlyMap<string, Tensor>> {
  const names = [...made.keys()];
  const graph = builder.build(Object.fromEntries([...made.values()].map((value, i) => [`result ${i}`, value])));
  try {
    const session = await openSession(graph, { threads: 1 });
    try {
      const results = await session.run({});
      return new Map(names.map((name, i) => [name, results[`result ${i}`] as Tensor]));
    } finally {
      await session.release();
    }
  } catch (error) {
    throw new UsageError(`What the file computes from constants is invalid: ${reasonOf(error)}`, "The file is damaged: export it again.", {
      cause: error,
    });
  }
}

/** ONNX Runtime's reason, with the operator and node if it names them. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const [, op, name, reason] = /running (\w+) node\. Name:'(.*?)' Status Message: (.*)/s.exec(text) ?? [];
  return op === undefined ? text : `operator ${op} (node "${name}"): ${reason?.replace(/^\/\S+ /, "")}`;
}
