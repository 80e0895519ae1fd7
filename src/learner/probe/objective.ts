// The losses and gradients of several linear models of the same rows at once, each fitted to rows of its own: one graph, so that the
// features are read once for all of them.

import { type Tensor, zeros } from "../../core/tensor.ts";
import { differentiate } from "../../graph/backward.ts";
import { GraphBuilder } from "../../graph/builder.ts";
import type { Value } from "../../graph/types.ts";
import type { SessionOptions } from "../../runtime/engine.ts";
import { openSession } from "../../runtime/session.ts";

/** What a linear model's outputs are: the logits of one class per row, those of independent labels, or numbers. */
export type LinearTarget = "classes" | "labels" | "numbers";

/** Losses of one output per row: [rows, models, outputs] and targets [rows, 1, outputs] to [rows, models]. */
const LOSSES: Readonly<Record<LinearTarget, (graph: GraphBuilder, outputs: Value, targets: Value) => Value>> = {
  classes: (graph, outputs, targets) =>
    graph.add("Neg", [sum(graph, graph.add("Mul", [graph.add("LogSoftmax", [outputs], { axis: 2 }), targets]), 2)]),
  labels: (graph, outputs, targets) =>
    mean(graph, graph.add("Sub", [graph.add("Softplus", [outputs]), graph.add("Mul", [outputs, targets])])),
  numbers: (graph, outputs, targets) => {
    const difference = graph.add("Sub", [outputs, targets]);
    return mean(graph, graph.add("Mul", [difference, difference]));
  },
};

export interface ObjectiveOptions {
  readonly target: LinearTarget;
  /** [rows, width]. */
  readonly features: Tensor<"float32">;
  /** [rows, outputs]. */
  readonly targets: Tensor<"float32">;
  /** Of each model, the rows that it is fitted to: 1, and 0 for the others. */
  readonly fitted: readonly Uint8Array[];
  readonly session?: SessionOptions | undefined;
}

/** The loss and gradient of a model. */
export interface Evaluation {
  /** The mean over the rows that it is fitted to. */
  readonly loss: number;
  /** The mean over the other rows; NaN if there are none. */
  readonly heldLoss: number;
  /** [outputs, width], of the mean loss. */
  readonly gradient: Float32Array;
}

export interface Objective {
  /** How many models there are. */
  readonly models: number;
  /** Evaluates each model's weights [outputs, width]. */
  evaluate(weights: readonly Float32Array[]): Promise<readonly Evaluation[]>;
  release(): Promise<void>;
}

export async function openObjective({ target, features, targets, fitted, session }: ObjectiveOptions): Promise<Objective> {
  const [rows, width] = features.shape as [number, number];
  const outputs = targets.shape[1] as number;
  const models = fitted.length;
  const graph = new GraphBuilder();
  const x = graph.input("features", "float32", [rows, width]);
  const y = graph.input("targets", "float32", [rows, 1, outputs]);
  const fit = graph.input("fitted", "float32", [rows, models]);
  const held = graph.input("held", "float32", [rows, models]);
  const weights = graph.input("weights", "float32", [models * outputs, width]);
  const predicted = graph.add("Reshape", [graph.add("Gemm", [x, weights], { transB: 1 }), graph.ints([rows, models, outputs])]);
  const losses = LOSSES[target](graph, predicted, y);
  const loss = sum(graph, graph.add("Mul", [losses, fit]), 0);
  const [gradient] = differentiate(graph, sum(graph, loss, 0), [weights]);
  const heldLoss = sum(graph, graph.add("Mul", [losses, held]), 0);
  const compiled = await openSession(graph.build({ loss, heldLoss, gradient: gradient as Value }), { ...session, name: "linear models" });
  const shares = [1, 0].map((wanted) => sharesOf(fitted, wanted, rows));
  const feeds = {
    features,
    targets: { ...targets, shape: [rows, 1, outputs] },
    fitted: shares[0] as Tensor<"float32">,
    held: shares[1] as Tensor<"float32">,
  };
  const size = outputs * width;
  return {
    models,
    async evaluate(each) {
      const all = zeros("float32", [models * outputs, width]);
      for (const [model, values] of each.entries()) all.data.set(values, model * size);
      const result = await compiled.run({ ...feeds, weights: all });
      const [losses, heldLosses, gradients] = ["loss", "heldLoss", "gradient"].map((name) => result[name]?.data as Float32Array);
      return each.map((_, model) => ({
        loss: losses![model]!,
        heldLoss: heldLosses![model]!,
        gradient: gradients!.slice(model * size, (model + 1) * size),
      }));
    },
    release: () => compiled.release(),
  };
}

/** For each model and row whose mark is `wanted` one part of the whole, so that a sum is their mean: [rows, models]. */
function sharesOf(marks: readonly Uint8Array[], wanted: number, rows: number): Tensor<"float32"> {
  const shares = zeros("float32", [rows, marks.length]);
  for (const [model, its] of marks.entries()) {
    const count = its.reduce((total, mark) => total + (mark === wanted ? 1 : 0), 0);
    for (const [row, mark] of its.entries()) if (mark === wanted) shares.data[row * marks.length + model] = 1 / count;
    // 0/0: the mean of no rows.
    if (count === 0) shares.data[model] = Number.NaN;
  }
  return shares;
}

function sum(graph: GraphBuilder, value: Value, axis: number): Value {
  return graph.add("ReduceSum", [value, graph.ints([axis])], { keepdims: 0 });
}

function mean(graph: GraphBuilder, value: Value): Value {
  return graph.add("ReduceMean", [value, graph.ints([2])], { keepdims: 0 });
}
