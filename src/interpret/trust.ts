// What a model's answers can be trusted with: the same words in `thaw train` and the report.

import type { Calibrated } from "../learner/predict/temperature.ts";

/** What a calibration did on the validation images, of one class each. */
export interface Trust extends Pick<Calibrated, "temperature" | "unfitted"> {
  /** How far confidence and accuracy lie apart, in [0, 1], before and after the temperature. */
  readonly calibrationError: readonly [before: number, after: number];
  /** How images are told that are of none of the classes; left out if that was not asked for, or could not be fitted. */
  readonly known?: {
    /** The share of known images that should keep their answer. */
    readonly keep: number;
    /** The share that does, measured on images that the limit was not fitted to. */
    readonly kept: number;
    /** The share of a class's images that get no answer if only the other classes are known; NaN or null if there is one class. */
    readonly newClass: number | null;
  };
}

/** A class that is left out is told from the others if so many times more of it are turned away than of known images. */
const TOLD_APART = 3;
/** If less than this share of it is turned away, most photographs of a class like the known ones are answered with a known one. */
const MOST = 0.5;

/** One sentence about the probabilities, and one about photographs of none of the classes. */
export function trustInWords({ calibrationError: [before, after], temperature, known, unfitted }: Trust): readonly string[] {
  const points = (share: number): string => `${(100 * share).toFixed(1)} points`;
  // A temperature that moves probabilities away from 0 and 1 may cost a classifier without mistakes a few tenths of a point.
  const gained = after < before ? `, and by ${points(before)} before the temperature of ${temperature.toPrecision(2)}` : "";
  const probabilities = `Confidence and accuracy differ by ${points(after)} on average${gained}.`;
  if (unfitted !== undefined) return [probabilities, `The model names a class for every photograph: ${unfitted}.`];
  if (!known) return [probabilities];
  const percent = (share: number): string => `${Math.round(100 * share)} %`;
  const { kept, newClass } = known;
  const keeps = `Photographs that are unlike its classes are answered with "none"; ${percent(kept)} of known ones keep their answer`;
  if (newClass === null || Number.isNaN(newClass)) return [probabilities, `${keeps}.`];
  const told = `${percent(newClass)} of the photographs of classes that were left out in turn`;
  if (newClass < TOLD_APART * (1 - kept))
    return [probabilities, `${keeps}. It cannot tell a class that it does not know but that resembles the known ones: ${told} got "none".`];
  return [
    probabilities,
    newClass < MOST
      ? `${keeps}. Do not rely on "none" for what resembles the classes: only ${told} got it.`
      : `${keeps}, and ${told} got "none".`,
  ];
}
