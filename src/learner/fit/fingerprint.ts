// The name of a fit: a hash of what its steps and what is kept of them depend on, so that no other goes on from its checkpoint.

import { contentOf, hashJson } from "../../core/hash.ts";
import type { ImageClassifierData } from "../../data/image-data.ts";
import { GraphBuilder } from "../../graph/builder.ts";
import { hashGraph } from "../../graph/hash.ts";
import type { Value } from "../../graph/types.ts";
import type { LearnerState } from "../state.ts";
import type { Optimizer } from "../step/optimizer.ts";
import type { FitOptions } from "./options.ts";
import type { PlannedStretch } from "./plan.ts";

/** Names the fit that `planned` and `options` make of a learner in `state`, with the parameters and data that it has before the fit. */
export function nameFit(state: LearnerState, planned: readonly PlannedStretch[], fit: FitOptions): string {
  const { network, data, seed, trained, epochs, precompute, precomputeViews, bnFreeze, threshold, scale } = state;
  const { labelSmoothing, classWeights, focal, crit, sampling, precision } = state.options;
  const { accumulate = 1, mixUp, cutMix, clip = state.options.clip, metrics = state.metrics } = fit;
  const { best = false, monitor, useSwa = false, swaStart = 1, swaEvalFreq = 5, validateSkip = 0 } = fit;
  const loss = { labelSmoothing, classWeights, focal, crit, scale };
  const training = { clip, mixUp, cutMix, sampling, precision, precompute, precomputeViews, bnFreeze, accumulate, seed, epochs };
  const measured = { best, monitor, useSwa, swaStart, swaEvalFreq, validateSkip, threshold, metrics: Object.keys(metrics) };
  const legs = planned.map(({ optimizer, data: seen, bs, plan }) => {
    const total = plan.phases.reduce((a, b) => a + b, 0);
    const settings = [0, Math.floor(total / 2), total - 1].map(plan.settings);
    return [nameOptimizer(optimizer), seen === data ? "" : contentOfData(seen), bs, plan.phases, settings];
  });
  const parameters = [...state.parameters].map(([name, tensor]) => [name, contentOf(tensor)]);
  const architecture = [network.architecture.name, network.head];
  return hashJson([architecture, parameters, [...trained], contentOfData(data), loss, training, measured, legs]);
}

function contentOfData({ classes, train, valid, tfms }: ImageClassifierData): unknown {
  const items = [train, valid].map((part) => part.map(({ hash, label, labels, values }) => [hash, label, labels, values]));
  return [classes, items, tfms];
}

/** Identifies what an optimiser does: two of the same name may have other constants, which show in its scalars and its update's graph. */
export function nameOptimizer(optimizer: Optimizer): string {
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
