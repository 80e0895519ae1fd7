// The best weights of a run, with the learner and the data that they belong to.

import type { ImageClassifierData } from "../../data/image-data.ts";
import type { ConvLearner } from "../../learner/learner.ts";
import type { FitState } from "../../learner/loop/callback.ts";
import { type EpochResult, isBetter } from "../../learner/loop/loop.ts";
import type { Parameters } from "../../nn/scope.ts";

/** What an epoch, or another validation, is worth. */
export type Result = Pick<EpochResult, "accuracy" | "validLoss" | "metrics">;

/** A learner with the data and the weights that it has at a moment. */
export interface Snapshot {
  readonly learner: ConvLearner;
  readonly data: ImageClassifierData;
  readonly parameters: Parameters;
}

export interface Best extends Snapshot {
  readonly result: Result;
}

export function snapshotOf(learner: ConvLearner): Snapshot {
  return { learner, data: learner.data, parameters: learner.parameters };
}

/** The better of two; the first if they are equally good. */
export function betterOf(a: Best | undefined, b: Best | undefined): Best | undefined {
  return b && (!a || isBetter(b.result, a.result)) ? b : a;
}

/** The best epoch so far of the fit that is running; undefined before its first epoch ends. */
export function bestOfFit(learner: ConvLearner, { best, results }: FitState): Best | undefined {
  const [first] = results;
  if (!best || !first) return undefined;
  return { learner, data: learner.data, parameters: best, result: results.reduce((a, b) => (isBetter(b, a) ? b : a)) };
}

/** Gives the learner of a snapshot its data and weights back. */
export async function goBack({ learner, data, parameters }: Snapshot): Promise<ConvLearner> {
  if (learner.data !== data) await learner.setData(data);
  learner.parameters = parameters;
  return learner;
}
