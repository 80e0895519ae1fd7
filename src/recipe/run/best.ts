// The best weights of a run, with the learner and the data that they belong to.

import type { ImageDataset } from "../../data/dataset/dataset.ts";
import { TARGET_KINDS } from "../../data/dataset/targets.ts";
import type { ImageClassifierData } from "../../data/image-data.ts";
import type { ConvLearner } from "../../learner/learner.ts";
import type { FitState } from "../../learner/loop/callback.ts";
import { type EpochResult, isBetter } from "../../learner/loop/loop.ts";
import type { Parameters } from "../../nn/scope.ts";

/** What an epoch, or another validation, is worth. */
export type Result = Pick<EpochResult, "accuracy" | "validLoss" | "metrics">;

/** Whether the first of two results is better. */
export type Compare = (a: Result, b: Result) => boolean;

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

/** Of how many decisions the validation accuracy is the mean: one about each image or, if an image may have several labels, one about each label of each image. */
export function decisionsOf({ kind, classes, valid }: Pick<ImageDataset, "kind" | "classes" | "valid">): number {
  return TARGET_KINDS[kind].exclusive ? valid.length : valid.length * classes.length;
}

/**
 * What a run goes by, judged by so many decisions: a result is better if it is as accurate and has a lower loss, or if it is more accurate by
 * more than chance, which is the standard error of the other's accuracy. Of few images one or two more are right by luck, and what is kept for
 * them is worse on others (bench/README.md).
 *
 * An accuracy a is the mean of N decisions. If decision i is right with probability pᵢ and they are independent, its variance is
 * Σ pᵢ (1 − pᵢ) / N², which is at most a (1 − a) / N because p (1 − p) is concave: labels that are rarely mistaken only make it smaller. So
 * chance is √(a (1 − a) / N). If labels of one image are mistaken together, the decisions are not quite independent and chance is larger.
 */
export function betterOn(decisions: number): Compare {
  return (a, b) => {
    if (Number.isNaN(a.validLoss) || Number.isNaN(b.validLoss)) return isBetter(a, b);
    const chance = Math.sqrt((b.accuracy * (1 - b.accuracy)) / decisions);
    return a.accuracy > b.accuracy + chance || (!(a.accuracy < b.accuracy) && a.validLoss < b.validLoss);
  };
}

/**
 * The same for the epochs of a stage that began with `before`: one that is better than that is better than one that is not. Otherwise an epoch
 * that chance favoured could stand in the way of one that improved.
 */
export function betterAfter(before: Result | undefined, isBetter: Compare): Compare {
  if (!before) return isBetter;
  return (a, b) => {
    const improved = isBetter(a, before);
    return improved === isBetter(b, before) ? isBetter(a, b) : improved;
  };
}

/** The best of the epochs of a fit. */
export function bestEpoch(results: readonly EpochResult[], isBetter: Compare): EpochResult {
  return results.reduce((a, b) => (isBetter(b, a) ? b : a));
}

/** The better of two; the first if neither is. */
export function betterOf<Worth extends Pick<Best, "result">>(a: Worth | undefined, b: Worth, isBetter: Compare): Worth;
export function betterOf<Worth extends Pick<Best, "result">>(
  a: Worth | undefined,
  b: Worth | undefined,
  isBetter: Compare,
): Worth | undefined;
export function betterOf<Worth extends Pick<Best, "result">>(a: Worth | undefined, b: Worth | undefined, isBetter: Compare) {
  return b && (!a || isBetter(b.result, a.result)) ? b : a;
}

/** The best epoch so far of the fit that is running; undefined before its first epoch ends. */
export function bestOfFit(learner: ConvLearner, { best, results }: FitState, isBetter: Compare): Best | undefined {
  if (!best || results.length === 0) return undefined;
  return { learner, data: learner.data, parameters: best, result: bestEpoch(results, isBetter) };
}

/** Gives the learner of a snapshot its data and weights back. */
export async function goBack({ learner, data, parameters }: Snapshot): Promise<ConvLearner> {
  if (learner.data !== data) await learner.setData(data);
  learner.parameters = parameters;
  return learner;
}
