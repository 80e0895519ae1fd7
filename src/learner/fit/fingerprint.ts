// The fingerprint of a fit: a hash of everything that its steps and their results depend on, so that no other fit resumes from its checkpoint.
// Options count unless they are listed here as without influence: one that is forgotten is refused, never resumed under another value.

import { contentOf, hashJson, hashPieces } from "../../core/hash.ts";
import type { ImageClassifierData } from "../../data/image-data.ts";
import { GraphBuilder } from "../../graph/builder.ts";
import { hashGraph } from "../../graph/hash.ts";
import type { Value } from "../../graph/types.ts";
import type { LearnerOptions } from "../learner-options.ts";
import type { LearnerState } from "../state/learner-state.ts";
import type { Optimizer } from "../step/optimizer.ts";
import type { FitOptions } from "./options.ts";
import type { PlannedSegment } from "./plan.ts";

/** Options of a fit that cannot change its weights and results: whom it notifies, and where it writes. Callbacks are code, which cannot be compared. */
export const WITHOUT_INFLUENCE = [
  "onProgress",
  "onWarning",
  "signal",
  "onEpoch",
  "callbacks",
  "checkpoint",
  "checkpointSeconds",
  "bestSaveName",
  "cycleSaveName",
] as const satisfies readonly (keyof FitOptions)[];

/**
 * The same for a learner: whom it notifies and where it runs, and options whose effect shows in the learner's parameters or settings, which
 * may have changed since.
 */
export const LEARNER_WITHOUT_INFLUENCE = [
  "onProgress",
  "onWarning",
  "onPrecision",
  "onDevice",
  "signal",
  "device",
  "threads",
  "name",
  "cache",
  "offline",
  "weights",
  "seed",
  "precompute",
  "precomputeViews",
] as const satisfies readonly (keyof LearnerOptions)[];

/** The learner that a fit begins with. */
export type FitStart = Pick<LearnerState, "network" | "data" | "seed" | "options" | "scale" | "weights" | "cut" | "history">;

/** The fingerprint of the fit that `segments` and `options` make of the learner `start`. */
export function fitFingerprint(start: FitStart, segments: readonly PlannedSegment[], options: FitOptions): string {
  const { network, data, seed, scale, weights, cut, history } = start;
  return hashJson([
    [network.architecture.name, network.head],
    [...weights.parameters].map(([name, tensor]) => [name, contentOf(tensor)]),
    [weights.threshold, scale, cut.settings, seed, history.epochs],
    dataContent(data),
    influence(start.options, LEARNER_WITHOUT_INFLUENCE),
    influence(options, WITHOUT_INFLUENCE),
    segments.map((segment) => segmentContent(segment, data)),
  ]);
}

/** All of `options` except what is listed, by name. A function counts as present: its values show in the plan, or only in the results. */
function influence(options: object, without: readonly string[]): unknown {
  const entries = Object.entries(options).filter(([name, value]) => value !== undefined && !without.includes(name));
  const sorted = entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(sorted, (_, value) => (typeof value === "function" ? "function" : value));
}

function segmentContent({ optimizer, data, bs, plan }: PlannedSegment, first: ImageClassifierData): unknown {
  const steps = plan.phases.reduce((a, b) => a + b, 0);
  const settings = function* (): Generator<string> {
    for (let step = 0; step < steps; step++) yield JSON.stringify(plan.settings(step));
  };
  return [optimizerFingerprint(optimizer), data === first ? "" : dataContent(data), bs, plan.phases, hashPieces(settings())];
}

function dataContent({ classes, train, valid, tfms }: ImageClassifierData): unknown {
  const items = [train, valid].map((part) => part.map(({ hash, label, labels, values }) => [hash, label, labels, values]));
  return [classes, items, tfms];
}

/** Identifies what an optimiser does: two of the same name may have other constants, which show in its scalars and its update's graph. */
export function optimizerFingerprint(optimizer: Optimizer): string {
  const { name, momentum, state } = optimizer;
  const graph = new GraphBuilder();
  const tensor = (of: string): Value => graph.input(of, "float32", [1]);
  const scalar = (of: string): Value => graph.input(of, "float32", []);
  const scalarsAt = (t: number) => optimizer.scalars?.(t, { lr: 0.1, momentum: 0.9, weightDecay: 0.01 }) ?? {};
  const updated = optimizer.update(
    graph,
    tensor("parameter"),
    tensor("gradient"),
    state.map((slot) => tensor(`state ${slot}`)),
    {
      lr: scalar("lr"),
      momentum: scalar("momentum"),
      weightDecay: scalar("weightDecay"),
      scalars: Object.fromEntries(Object.keys(scalarsAt(1)).map((own) => [own, scalar(`optimizer ${own}`)])),
    },
  );
  const outputs = Object.fromEntries(updated.map((value, i) => [`updated ${i}`, value]));
  return hashJson([name, momentum, [1, 2, 1000].map(scalarsAt), hashGraph(graph.build(outputs))]);
}
