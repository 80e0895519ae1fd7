// Updates batch norm's running statistics for averaged weights: the mean over all training batches, without dropout.

import type { Tensor } from "../../core/tensor.ts";
import { zeros } from "../../core/tensor.ts";
import { GraphBuilder } from "../../graph/builder.ts";
import { floatAttribute, type Graph, type Node, type Value } from "../../graph/types.ts";
import { applyStages, type Parameters, parameterOf, type Scope, type Stage } from "../../nn/scope.ts";
import type { Session, SessionOptions } from "../../runtime/engine.ts";
import { openSession } from "../../runtime/session.ts";
import type { InputBatch } from "../frozen/batches.ts";

export interface StatisticsOptions {
  /** The stages right of the freeze point. */
  readonly stages: readonly Stage[];
  readonly parameters: Parameters;
  /** Whether a layer group uses batch statistics; others keep theirs. */
  readonly counts: (group: number) => boolean;
  readonly prepare?: ((graph: GraphBuilder, input: Value) => Value) | undefined;
  readonly batches: AsyncIterable<InputBatch>;
  readonly session: SessionOptions;
  readonly signal?: AbortSignal | undefined;
}

/** `parameters` with the running statistics of `stages` replaced by the mean over all batches, each weighed by its items. */
export async function refreshStatistics(options: StatisticsOptions): Promise<Parameters> {
  const compiled = new Map<number, { graph: Graph; weights: ReadonlyMap<string, number>; session: Session }>();
  const sums = new Map<string, Float64Array>();
  let items = 0;
  try {
    for await (const { input } of options.batches) {
      options.signal?.throwIfAborted();
      const batch = input.shape[0] as number;
      let made = compiled.get(batch);
      if (!made) {
        const { graph, weights } = statisticsGraph(options, input);
        // No layer normalises by batches.
        if (graph.outputs.length === 0) return options.parameters;
        made = { graph, weights, session: await openSession(graph, options.session) };
        compiled.set(batch, made);
      }
      const { graph, session } = made;
      const old = graph.inputs.filter(({ name }) => name !== "input");
      const results = await session.run({
        input,
        ...Object.fromEntries(old.map(({ name, shape }) => [name, zeros("float32", shape as number[])])),
      });
      for (const { name } of old) add(sums, name, results[fresh(name)] as Tensor<"float32">, batch);
      items += batch;
    }
  } finally {
    await Promise.all([...compiled.values()].map(({ session }) => session.release()));
  }
  const [first] = compiled.values();
  return new Map(
    [...options.parameters].map(([name, value]): [string, Tensor] => {
      const sum = sums.get(name);
      const share = items * (first?.weights.get(name) ?? 1);
      return [name, sum ? { ...(value as Tensor<"float32">), data: Float32Array.from(sum, (total) => total / share) } : value];
    }),
  );
}

function fresh(name: string): string {
  return `${name}.fresh`;
}

/** From old statistics (zeros, so that what comes out is the batch's own times its weight) to new ones. */
function statisticsGraph(
  { stages, parameters, counts, prepare }: StatisticsOptions,
  { type, shape }: Tensor,
): { graph: Graph; weights: ReadonlyMap<string, number> } {
  const graph = new GraphBuilder();
  const outputs: Record<string, Value> = {};
  const values = new Map<string, Value>();
  const scopeOf = (group: number): Scope => ({
    graph,
    training: false,
    batchStatistics: counts(group),
    parameter(name, size, kind) {
      const running = counts(group) && (kind === "mean" || kind === "variance");
      const made = values.get(name) ?? (running ? graph.input(name, "float32", size) : graph.constant(parameterOf(parameters, name), name));
      values.set(name, made);
      return made;
    },
    statistic(name, value) {
      outputs[fresh(name)] = value;
    },
    mask() {
      throw new Error("Statistics are counted without dropout");
    },
  });
  const input = graph.input("input", type, shape);
  let x = prepare ? prepare(graph, input) : input;
  for (const stage of stages) x = applyStages(scopeOf(stage.group), [stage], x);
  return { graph: graph.build(outputs), weights: batchWeights(graph.nodes) };
}

/** The weight of the new batch in each running statistic, by name. */
function batchWeights(nodes: readonly Node[]): ReadonlyMap<string, number> {
  const normalisations = nodes.filter(({ op }) => op === "BatchNormalization");
  return new Map(
    normalisations.flatMap((node) => node.inputs.slice(3, 5).map((name) => [name, 1 - floatAttribute(node, "momentum", 0.9)] as const)),
  );
}

function add(sums: Map<string, Float64Array>, name: string, { data }: Tensor<"float32">, weight: number): void {
  const sum = sums.get(name) ?? new Float64Array(data.length);
  for (const [i, value] of data.entries()) sum[i] = sum[i]! + value * weight;
  sums.set(name, sum);
}
