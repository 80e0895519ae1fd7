// Calibrates a learner's answers: a temperature and thresholds for "none of these", fitted on the validation images.

import type { Calibration } from "../../classifier/format.ts";
import { expected } from "../../core/errors.ts";
import type { WorkOptions } from "../../core/progress.ts";
import { TARGET_KINDS } from "../../data/dataset/targets.ts";
import { fitRejection, fitTemperature } from "../../metrics/calibrate.ts";
import { calibrationError } from "../../metrics/probability.ts";
import type { LearnerState } from "../state/learner-state.ts";
import { LEARNER_KINDS } from "../task/target-kinds.ts";
import { fitKnown, type KnownFit } from "./known-classes.ts";
import { predictPlain } from "./predict.ts";
import { predictionsOf } from "./predictions.ts";

export interface CalibrateOptions extends WorkOptions {
  /**
   * Fits a threshold for "none of these" too: the largest that still answers this share of the images that are classified correctly, above 0
   * and at most 1. Only for images of one class each.
   */
  keep?: number;
  /**
   * Also learns how the classes' photographs look, and the distance from them within which this share of the validation images lies, above 0
   * and at most 1: farther images are answered with "none of these". Only for images of one class each; if there are too few images, or a head
   * of its own takes maps, nothing is fitted, and `unfitted` says why.
   */
  known?: number;
}

/** What a calibration changes on the validation images. */
export interface Calibrated extends Readonly<Omit<Calibration, "known">> {
  /**
   * With `known`: the limit; the share of validation images within it, measured on images that it was not fitted to; and the share of a class's
   * images that are turned away if only the other classes are known.
   */
  readonly known?: Pick<KnownFit, "limit" | "keep" | "kept" | "newClass">;
  /** Why `known` could not be fitted. */
  readonly unfitted?: string;
  /** Cross-entropy in nats before and after. */
  readonly loss: readonly [before: number, after: number];
  /** For images of one class each: how far confidence and accuracy lie apart, in [0, 1], before and after (Guo et al. 2017). */
  readonly calibrationError?: readonly [before: number, after: number];
  /** With `keep`: the share of images that still get an answer, and of those answers that are right. */
  readonly answered?: number;
  readonly accuracy?: number;
}

/** The largest threshold that a model may have. */
const LARGEST = 1 - 2 ** -24;

/**
 * Calibrates the learner; if it is stopped, the calibration stays as it was. Throws a UsageError if its targets are numbers, and for `keep` if
 * an image may have several labels.
 */
export async function calibrate(state: LearnerState, options: CalibrateOptions): Promise<Calibrated> {
  const { calibration, known } = state.weights;
  try {
    return await fitTo(state, options);
  } catch (error) {
    state.weights.calibration = calibration;
    state.weights.known = known;
    throw error;
  }
}

async function fitTo(state: LearnerState, { keep, known, ...work }: CalibrateOptions): Promise<Calibrated> {
  const { kind } = state.data;
  const { exclusive } = TARGET_KINDS[kind];
  const { logitRows } = LEARNER_KINDS[kind];
  if (!logitRows) throw expected("classes", "the data to calibrate on", "numbers, which have no probabilities");
  for (const [name, value] of Object.entries({ keep, known }))
    if (!exclusive && value !== undefined) throw expected("one class per image", name, "several labels", `Leave ${name} out.`);
  if (known !== undefined && !(known > 0 && known <= 1)) throw expected("a number above 0 and at most 1", "known", known);
  state.weights.calibration = undefined;
  const before = await predictPlain(state, work);
  const [logits, labels] = logitRows(before);
  const temperature = fitTemperature(logits, labels, { spread: 1 / (labels.length + 1) });
  state.weights.calibration = { temperature };
  const after = predictionsOf({ items: state.data.valid, kind, task: state.task }, before.logits);
  const loss = [before.loss, after.loss] as const;
  if (!exclusive) return { temperature, loss };
  const [errorBefore, errorAfter] = [before, after].map(({ probabilities, targets }) => calibrationError(probabilities, targets));
  const result = { temperature, loss, calibrationError: [errorBefore as number, errorAfter as number] as const };
  const { threshold, ...share } = keep === undefined ? {} : fitRejection(after.probabilities, after.targets, { keep });
  const thresholds = threshold === undefined ? {} : { noneBelow: Math.min(threshold, LARGEST) };
  state.weights.calibration = { temperature, ...thresholds };
  const fitted = known === undefined ? undefined : await fitKnown(state, known, state.work(work));
  if (!fitted || "reason" in fitted) return { ...result, ...thresholds, ...share, ...(fitted && { unfitted: fitted.reason }) };
  const { known: classes, limit, ...measured } = fitted;
  state.weights.calibration = { temperature, ...thresholds, known: { limit, keep: fitted.keep } };
  state.weights.known = classes;
  return { ...result, ...thresholds, ...share, known: { limit, ...measured } };
}
