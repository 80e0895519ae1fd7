// What is fitted to the validation images when the training is over, so that a model's answers can be trusted: a temperature, and how its
// classes' photographs look.

import { TARGET_KINDS } from "../../data/dataset/targets.ts";
import type { Trust } from "../../interpret/trust.ts";
import type { ConvLearner } from "../../learner/learner.ts";
import type { Recipe } from "../file/schema.ts";

/** Calibrates the learner; undefined, and nothing is done, unless images are of one class each. */
export async function fitTrust(learner: ConvLearner, { known }: Recipe): Promise<Trust | undefined> {
  if (!TARGET_KINDS[learner.data.kind].exclusive) return undefined;
  // The features of validation are cached then, for the temperature, the distances and the predictions of the report.
  learner.freeze();
  const fitted = await learner.calibrate(known > 0 ? { known } : {});
  const { temperature, calibrationError = [Number.NaN, Number.NaN], unfitted } = fitted;
  return {
    temperature,
    calibrationError,
    ...(fitted.known && { known: { keep: fitted.known.keep, kept: fitted.known.kept, newClass: fitted.known.newClass } }),
    ...(unfitted !== undefined && { unfitted }),
  };
}
