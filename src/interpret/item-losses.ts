// The loss of each image with several labels or with numbers.

import { scaleOf } from "../classifier/targets.ts";
import type { Predictions } from "../learner/predict/predictions.ts";

/** An image and its loss. */
export interface ItemLoss {
  /** Its index among the predictions. */
  readonly index: number;
  readonly file: string;
  readonly loss: number;
}

/** Smaller probabilities count as this, so that their logarithms stay finite. */
const LEAST = 1e-12;

/**
 * For labels the mean binary cross-entropy in nats; for numbers the mean absolute error over the columns, each in standard deviations of
 * its targets.
 */
export function itemLosses({ files, targets, probabilities, values, targetValues }: Predictions): readonly ItemLoss[] {
  const columns = (values ?? probabilities).length / files.length;
  const rows = files.map((_, row) => Array.from((targetValues ?? []).slice(row * columns, (row + 1) * columns)));
  const { std } = scaleOf(rows);
  const cell = (at: number): number => {
    if (values && targetValues) return Math.abs(values[at]! - targetValues[at]!) / std[at % columns]!;
    const probability = probabilities[at]!;
    return -Math.log(Math.max(targets[at] ? probability : 1 - probability, LEAST));
  };
  return files.map((file, index) => {
    let loss = 0;
    for (let column = 0; column < columns; column++) loss += cell(index * columns + column) / columns;
    return { index, file, loss };
  });
}
