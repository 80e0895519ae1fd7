// The trained part with its weights as inputs, to run between training steps: slower than with constant weights, but opened only once.

import type { Tensor } from "../../core/tensor.ts";
import type { Item } from "../../data/dataset/items.ts";
import { GraphBuilder } from "../../graph/builder.ts";
import type { Value } from "../../graph/types.ts";
import { type Parameters, parameterOf, type Scope, type Stage } from "../../nn/scope.ts";
import type { SessionOptions } from "../../runtime/engine.ts";
import { openSession } from "../../runtime/session.ts";
import type { InputBatch } from "../frozen/batches.ts";
import type { FrozenPart } from "../frozen/frozen-part.ts";
import type { Task } from "../task/task.ts";

export interface ProbeOptions {
  /** The stages right of the freeze point. */
  readonly stages: readonly Stage[];
  readonly parameters: Parameters;
  /** Whether a layer group's parameters change. */
  readonly trains: (group: number) => boolean;
  readonly frozen: Pick<FrozenPart, "itemShape" | "type">;
  readonly prepare?: ((graph: GraphBuilder, input: Value) => Value) | undefined;
  readonly session: SessionOptions;
}

interface Probe {
  /** The last stage's output [batch, outputs] for `input` [batch, ...itemShape], in inference mode, with `parameters`. */
  run(input: Tensor, parameters: Parameters): Promise<Float32Array>;
  release(): Promise<void>;
}

/** Opens the probe. */
async function openProbe({ stages, parameters, trains, frozen, prepare, session }: ProbeOptions): Promise<Probe> {
  const graph = new GraphBuilder();
  const values = new Map<string, Value>();
  const changing: string[] = [];
  const scopeOf = (group: number): Scope => ({
    graph,
    training: false,
    batchStatistics: false,
    parameter(name, shape) {
      const known = values.get(name);
      if (known) return known;
      const value = trains(group) ? graph.input(name, "float32", shape) : graph.constant(parameterOf(parameters, name), name);
      if (trains(group)) changing.push(name);
      values.set(name, value);
      return value;
    },
    statistic: refuse,
    mask: refuse,
  });
  const input = graph.input("input", frozen.type, ["batch", ...frozen.itemShape]);
  const start = prepare ? prepare(graph, input) : input;
  const output = stages.reduce((x, stage) => stage.apply(scopeOf(stage.group), x), start);
  const compiled = await openSession(graph.build({ output }), session);
  return {
    async run(batch, now) {
      const weights = Object.fromEntries(changing.map((name) => [name, parameterOf(now, name)]));
      return (await compiled.run({ ...weights, input: batch })).output?.data as Float32Array;
    },
    release: () => compiled.release(),
  };
}

export interface ValidationProbeOptions extends ProbeOptions {
  /** The validation batches from the start. */
  readonly batches: () => Promise<AsyncIterable<InputBatch>>;
  readonly items: readonly Item[];
  readonly task: Task;
}

/** A probe that goes round the validation images: `next(parameters)` measures the next batch, by name. */
export async function openValidationProbe(options: ValidationProbeOptions) {
  const probe = await openProbe(options);
  const batches = endless(options.batches);
  return {
    async next(parameters: Parameters): Promise<Readonly<Record<string, number>>> {
      const { input, indices } = (await batches.next()).value as InputBatch;
      const items = indices.map((index) => options.items[index] as Item);
      const { loss, accuracy, metrics } = options.task.measure(items, await probe.run(input, parameters));
      return { "validation loss": loss, ...(metrics ?? { accuracy }) };
    },
    async release(): Promise<void> {
      await batches.return(undefined);
      await probe.release();
    },
  };
}

/** The values of `open()`, again and again. */
async function* endless<T>(open: () => Promise<AsyncIterable<T>>): AsyncGenerator<T, undefined> {
  for (;;) yield* await open();
}

function refuse(): never {
  throw new Error("A probe has no training state");
}
