// Predictions with their file names, and test-time augmentation.

import type { ScannedItem } from "../data/scan.ts";
import type { TargetKind } from "../data/targets.ts";
import type { Metrics, Task, Validation } from "./task.ts";

/** Predictions for items, in their order. */
export interface Predictions {
  /** Paths relative to the data's folder. */
  readonly files: readonly string[];
  /** Label indices [items]; where there may be several labels, zeros and ones [items, classes]; empty where the targets are numbers. */
  readonly targets: Int32Array;
  /** [items, classes], row by row; each row adds up to 1 where there is one class per image. Empty where the targets are numbers. */
  readonly probabilities: Float32Array;
  /** Where the targets are numbers: what is predicted, in the data's units [items, columns]. */
  readonly values?: Float32Array;
  /** Where the targets are numbers: the targets [items, columns]. */
  readonly targetValues?: Float64Array;
  /** Mean of the loss that training makes small: cross-entropies in nats, errors of numbers in standard deviations. */
  readonly loss: number;
  /** In [0, 1]: the share of images whose class is right, or of labels; NaN where the targets are numbers. */
  readonly accuracy: number;
  /** All measures, where the accuracy is not the only one. */
  readonly metrics?: Metrics;
}

export interface TtaPredictions extends Predictions {
  /** Probabilities (or values) of each view: the plain prediction ceil(views/4) times, then one per augmented view, as fastai stacks them. */
  readonly stack: readonly Float32Array[];
}

/** What predictions are made with: the items, the number of the network's outputs for each, and what they mean. */
export interface Predicted {
  readonly items: readonly ScannedItem[];
  readonly outputs: number;
  readonly kind: TargetKind;
  readonly task: Task;
}

/** Predictions from `logits` [items, outputs]. */
export function predictionsOf(of: Predicted, logits: Float32Array): Predictions & { readonly logits: Float32Array } {
  const { items, task } = of;
  return { ...withTargets(of, task.activate(logits), task.measure(items, logits)), logits };
}

/** The mean of the probabilities (or values) of the plain logits (weighing ceil(views/4)) and those of each augmented view. */
export function averageViews(of: Predicted, plain: Float32Array, views: readonly Float32Array[]): TtaPredictions {
  const { items, task } = of;
  const first = task.activate(plain);
  const stack = [...Array.from({ length: Math.ceil(views.length / 4) }, () => first), ...views.map((logits) => task.activate(logits))];
  // Without views there is the plain prediction alone.
  const averaged =
    stack.length === 0 ? first : Float32Array.from(first, (_, i) => stack.reduce((sum, view) => sum + view[i]!, 0) / stack.length);
  return { ...withTargets(of, averaged, task.measureActivated(items, averaged)), stack };
}

/** The mean of the probabilities (or values) of several networks' `logits` [items, outputs], each counting the same. */
export function averageMembers(of: Predicted, logits: readonly Float32Array[]): Predictions {
  const { items, task } = of;
  const members = logits.map((one) => task.activate(one));
  const mean = Float32Array.from(members[0] as Float32Array, (_, i) => members.reduce((sum, one) => sum + one[i]!, 0) / members.length);
  return { ...withTargets(of, mean, task.measureActivated(items, mean)) };
}

function withTargets({ items, outputs, kind }: Predicted, activated: Float32Array, worth: Validation): Predictions {
  const files = items.map((item) => item.name);
  if (kind === "single") return { files, targets: Int32Array.from(items, (item) => item.label), probabilities: activated, ...worth };
  if (kind === "multi") {
    const targets = new Int32Array(items.length * outputs);
    for (const [row, { labels = [] }] of items.entries()) for (const label of labels) targets[row * outputs + label] = 1;
    return { files, targets, probabilities: activated, ...worth };
  }
  const targetValues = Float64Array.from(items.flatMap((item) => item.values ?? []));
  return { files, targets: new Int32Array(0), probabilities: new Float32Array(0), values: activated, targetValues, ...worth };
}
