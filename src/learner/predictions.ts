// Predictions with their file names, and test-time augmentation.

import { softmaxRows } from "../classifier/softmax.ts";
import type { ScannedItem } from "../data/scan.ts";
import { accuracy, crossEntropy } from "./metrics.ts";

/** Predictions for items, in their order. */
export interface Predictions {
  /** Paths relative to the data's folder. */
  readonly files: readonly string[];
  /** Label indices [items]. */
  readonly targets: Int32Array;
  /** [items, classes], row by row. */
  readonly probabilities: Float32Array;
  /** Mean cross-entropy in nats. */
  readonly loss: number;
  readonly accuracy: number;
}

export interface TtaPredictions extends Predictions {
  /** Probabilities of each view: the plain prediction ceil(views/4) times, then one per augmented view, as fastai stacks them. */
  readonly stack: readonly Float32Array[];
}

/** Predictions from `logits` [items, classes]. */
export function predictionsOf(
  items: readonly ScannedItem[],
  logits: Float32Array,
  classes: number,
): Predictions & { readonly logits: Float32Array } {
  const targets = Int32Array.from(items, (item) => item.label);
  return {
    files: items.map((item) => item.name),
    targets,
    logits,
    probabilities: softmaxRows(logits, classes),
    loss: crossEntropy(logits, targets),
    accuracy: accuracy(logits, targets),
  };
}

/** The mean of the probabilities of the plain logits (weighing ceil(views/4)) and those of each augmented view. */
export function averageViews(
  items: readonly ScannedItem[],
  plain: Float32Array,
  views: readonly Float32Array[],
  classes: number,
): TtaPredictions {
  const first = softmaxRows(plain, classes);
  const stack = [
    ...Array.from({ length: Math.ceil(views.length / 4) }, () => first),
    ...views.map((logits) => softmaxRows(logits, classes)),
  ];
  const probabilities = Float32Array.from(first, (_, i) => stack.reduce((sum, view) => sum + view[i]!, 0) / stack.length);
  const targets = Int32Array.from(items, (item) => item.label);
  const logs = probabilities.map((probability) => Math.log(Math.max(probability, 1e-12)));
  return {
    files: items.map((item) => item.name),
    targets,
    probabilities,
    stack,
    loss: crossEntropy(logs, targets),
    accuracy: accuracy(probabilities, targets),
  };
}
