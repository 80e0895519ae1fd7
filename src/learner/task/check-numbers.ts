// Refuses columns of numbers that a network's outputs, which are in single precision, cannot tell apart.

import type { Scale } from "../../classifier/targets.ts";
import { UsageError } from "../../core/errors.ts";

/** Single precision rounds a number by up to 6e-8 of it; with this ratio, by at most 0.6 % of the column's deviation. */
const LEAST_RATIO = 1e-5;

/** Throws a UsageError for a column of `columns` whose deviation is less than a hundred-thousandth of its mean. */
export function checkNumbers(columns: readonly string[], { mean, std }: Scale): void {
  for (const [c, name] of columns.entries()) {
    const [center, deviation] = [mean[c] as number, std[c] as number];
    if (deviation < LEAST_RATIO * Math.abs(center))
      throw new UsageError(
        `The numbers of "${name}" lie too close together for their size: their mean is ${center.toPrecision(7)}, their deviation ${deviation.toPrecision(3)}`,
        "Subtract a number near the mean from the whole column, and add it to the predictions.",
      );
  }
}
