// Calibrates a learner's answers: a temperature and a threshold for "none of these", fitted on the validation images.

import type { Calibration } from "../../classifier/format.ts";
import { expected } from "../../core/errors.ts";
import type { WorkOptions } from "../../core/progress.ts";
import { TARGET_KINDS } from "../../data/dataset/targets.ts";
import { fitRejection, fitTemperature } from "../../metrics/calibrate.ts";
import { calibrationError } from "../../metrics/probability.ts";
import type { LearnerState } from "../state/learner-state.ts";
import { LEARNER_KINDS } from "../task/target-kinds.ts";
import { predictPlain } from "./predict.ts";

export interface CalibrateOptions extends WorkOptions {
  /**
   * Fits a threshold for "none of these" too: the largest that still answers this share of the images that are classified correctly, above 0
   * and at most 1. Only for images of one class each.
   */
  keep?: number;
}

/** What a calibration changes on the validation images. */
export interface Calibrated extends Readonly<Calibration> {
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
  const { calibration } = state.weights;
  try {
    return await fitTo(state, options);
  } catch (error) {
    state.weights.calibration = calibration;
    throw error;
  }
}

async function fitTo(state: LearnerState, { keep, ...work }: CalibrateOptions): Promise<Calibrated> {
  const { kind } = state.data;
  const { exclusive } = TARGET_KINDS[kind];
  const { logitRows } = LEARNER_KINDS[kind];
  if (!logitRows) throw expected("classes", "the data to calibrate on", "numbers, which have no probabilities");
  if (!exclusive && keep !== undefined) throw expected("one class per image", "keep", "several labels", "Leave keep out.");
  state.weights.calibration = undefined;
  const before = await predictPlain(state, work);
  const temperature = fitTemperature(...logitRows(before));
  state.weights.calibration = { temperature };
  const after = await predictPlain(state, work);
  const loss = [before.loss, after.loss] as const;
  if (!exclusive) return { temperature, loss };
  const [errorBefore, errorAfter] = [before, after].map(({ probabilities, targets }) => calibrationError(probabilities, targets));
  const result = { temperature, loss, calibrationError: [errorBefore as number, errorAfter as number] as const };
  if (keep === undefined) return result;
  const { threshold, ...share } = fitRejection(after.probabilities, after.targets, { keep });
  const noneBelow = Math.min(threshold, LARGEST);
  state.weights.calibration = { temperature, noneBelow };
  return { ...result, noneBelow, ...share };
}
