// Predictions beside the targets of the same items, in the shapes that metrics take.

import type { Item } from "../../data/dataset/items.ts";

export interface Measured {
  /** Label indices [items], −1 if there is none; zeros and ones [items, classes] if there may be several labels; empty for numbers. */
  readonly targets: Int32Array;
  /** [items, classes], row by row; each row adds up to 1 if there is one class per image. Empty if the targets are numbers. */
  readonly probabilities: Float32Array;
  /** If the targets are numbers: the predictions in the data's units [items, columns]. */
  readonly values?: Float32Array;
  /** If the targets are numbers: the targets [items, columns]. */
  readonly targetValues?: Float64Array;
}

/** A custom measure, such as `({ probabilities, targets }) => metrics.topKAccuracy(probabilities, targets, 3)`. */
export type Metric = (measured: Measured) => number;

/** Probabilities `activated` [items, classes] beside the one class of each of `items`. */
export function measuredClasses(items: readonly Item[], activated: Float32Array): Measured {
  return { targets: Int32Array.from(items, (item) => item.label), probabilities: activated };
}

/** Probabilities `activated` [items, classes] beside the labels of `items`. */
export function measuredLabels(items: readonly Item[], activated: Float32Array): Measured {
  const outputs = outputsPerItem(items, activated);
  const targets = new Int32Array(activated.length);
  for (const [row, { labels = [] }] of items.entries()) for (const label of labels) targets[row * outputs + label] = 1;
  return { targets, probabilities: activated };
}

/** Numbers `activated` [items, columns] beside those of `items`, NaN for unknown ones. */
export function measuredNumbers(items: readonly Item[], activated: Float32Array): Measured {
  const outputs = outputsPerItem(items, activated);
  const targetValues = Float64Array.from(items.flatMap(({ values }) => values ?? Array<number>(outputs).fill(Number.NaN)));
  return { targets: new Int32Array(0), probabilities: new Float32Array(0), values: activated, targetValues };
}

function outputsPerItem(items: readonly Item[], activated: Float32Array): number {
  return items.length === 0 ? 0 : activated.length / items.length;
}
