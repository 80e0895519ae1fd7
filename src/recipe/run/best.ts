// The best weights of a run, with the learner and the data to go on with them.

import type { ImageClassifierData } from "../../data/image-data.ts";
import type { ConvLearner } from "../../learner/learner.ts";
import type { FitState } from "../../learner/loop/callback.ts";
import { type EpochResult, isBetter } from "../../learner/loop/loop.ts";
import type { Parameters } from "../../nn/scope.ts";

/** What an epoch, or another validation, is worth. */
export type Result = Pick<EpochResult, "accuracy" | "validLoss" | "metrics">;

export interface Best {
  readonly learner: ConvLearner;
  readonly data: ImageClassifierData;
  readonly parameters: Parameters;
  readonly result: Result;
}

/** The better of two; the first where they are as good. */
export function betterOf(a: Best | undefined, b: Best | undefined): Best | undefined {
  return b && (!a || isBetter(b.result, a.result)) ? b : a;
}

/** What the fit that runs has come to; undefined before its first epoch ends. */
export function bestOfFit(learner: ConvLearner, { best, results }: FitState): Best | undefined {
  const [first] = results;
  if (!best || !first) return undefined;
  return { learner, data: learner.data, parameters: best, result: results.reduce((a, b) => (isBetter(b, a) ? b : a)) };
}

/** Brings the learner of `best` back to it. */
export async function goBack({ learner, data, parameters }: Best): Promise<ConvLearner> {
  if (learner.data !== data) await learner.setData(data);
  learner.parameters = parameters;
  return learner;
}
