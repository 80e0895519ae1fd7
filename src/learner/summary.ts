// A network's layers in order, as a table to read.

import { sizeOf } from "../core/tensor.ts";
import { GraphBuilder } from "../graph/builder.ts";
import { staticShape, type Value } from "../graph/types.ts";
import type { ParameterKind, Scope, Stage } from "../nn/scope.ts";

export interface LayerSummary {
  /** The layer's name, as in its parameters' ("layer1.0.conv1"), or its operator's with a number if it has none ("Relu 3"). */
  readonly name: string;
  /** ONNX's operator: "Conv", "BatchNormalization", "Gemm", "Relu". */
  readonly operator: string;
  readonly stage: string;
  /** The layer group. */
  readonly group: number;
  /** With a batch of one image. */
  readonly inputShape: readonly number[];
  readonly outputShape: readonly number[];
  readonly trainable: boolean;
  /** Number of weights, biases, scales and shifts; running statistics do not count. */
  readonly parameters: number;
}

/** Operators that rearrange or prepare, which nobody calls layers. */
const SILENT = new Set([
  "Reshape",
  "Transpose",
  "Concat",
  "Slice",
  "Unsqueeze",
  "Squeeze",
  "Expand",
  "Split",
  "Shape",
  "Gather",
  "Cast",
  "Identity",
  "Pad",
  "Flatten",
]);

/** The layers of `stages` applied to `input` [1, channels, height, width], in order. */
export function summarize(stages: readonly Stage[], input: readonly number[], trains: (group: number) => boolean): readonly LayerSummary[] {
  const graph = new GraphBuilder();
  const sizes = new Map<string, { kind: ParameterKind; size: number }>();
  const scope: Scope = {
    graph,
    training: false,
    batchStatistics: false,
    parameter(name, shape, kind) {
      if (sizes.has(name)) return graph.value(name);
      sizes.set(name, { kind, size: sizeOf(shape) });
      return graph.input(name, "float32", shape);
    },
    statistic: refuse,
    mask: refuse,
  };
  const layers: LayerSummary[] = [];
  const counts = new Map<string, number>();
  const counted = new Set<string>();
  let x: Value = graph.input("input", "float32", input);
  for (const { name: stage, group, apply } of stages) {
    const from = graph.nodes.length;
    x = apply(scope, x);
    for (const node of graph.nodes.slice(from)) {
      const own = node.inputs.filter((name) => sizes.has(name) && !counted.has(name));
      for (const name of own) counted.add(name);
      if (own.length === 0 && SILENT.has(node.op)) continue;
      const count = (counts.get(node.op) ?? 0) + 1;
      counts.set(node.op, count);
      const weights = own.map((name) => sizes.get(name)!).filter(({ kind }) => kind !== "mean" && kind !== "variance");
      const values = node.inputs.filter((name) => name !== "" && !sizes.has(name) && graph.constantOf({ name }) === undefined);
      layers.push({
        name: own[0]?.replace(/\.[^.]*$/, "") ?? `${node.op} ${count}`,
        operator: node.op,
        stage,
        group,
        inputShape: values[0] === undefined ? [] : staticShape(graph.value(values[0])),
        outputShape: staticShape(graph.value(node.outputs[0] as string)),
        trainable: trains(group) && weights.length > 0,
        parameters: weights.reduce((sum, { size }) => sum + size, 0),
      });
    }
  }
  return layers;
}

function refuse(): never {
  throw new Error("A summary has no training state");
}

/** The layers as lines of text: group, name, operator, output, parameters, and a mark if they train; then their sums. */
export function summaryText(layers: readonly LayerSummary[]): string {
  const rows = layers.map(({ group, name, operator, outputShape, parameters, trainable }) => [
    String(group),
    name,
    operator,
    outputShape.slice(1).join(" × "),
    parameters === 0 ? "" : String(parameters),
    trainable ? "trains" : "",
  ]);
  const table = [["group", "layer", "operator", "output", "parameters", ""], ...rows];
  const widths = (table[0] as string[]).map((_, column) => Math.max(...table.map((row) => (row[column] as string).length)));
  const lines = table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] as number))
      .join("  ")
      .trimEnd(),
  );
  const sum = (of: readonly LayerSummary[]) => of.reduce((total, { parameters }) => total + parameters, 0);
  return [...lines, `${sum(layers)} parameters, of which ${sum(layers.filter(({ trainable }) => trainable))} train`].join("\n");
}
