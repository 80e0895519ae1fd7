// Predictions with their file names, and means of several.

import { expected, UsageError } from "../../core/errors.ts";
import type { Item } from "../../data/dataset/items.ts";
import { TARGET_KINDS, type TargetKind } from "../../data/dataset/targets.ts";
import type { Measured } from "../task/measured.ts";
import { LEARNER_KINDS } from "../task/target-kinds.ts";
import type { Task, Validation } from "../task/task.ts";
import { fitViewWeight, mix } from "./view-weight.ts";

/** Predictions for items, in their order, with their measures: NaN without labels. */
export interface Predictions extends Measured, Validation {
  /** Paths relative to the data's folder. */
  readonly files: readonly string[];
}

/** Predictions of one network, seeing each image once. */
export interface PlainPredictions extends Predictions {
  /** The network's outputs [items, outputs], from which softmax or sigmoids make the probabilities. */
  readonly logits: Float32Array;
}

export interface TtaPredictions extends Predictions {
  /** What the mean of the augmented views counts, in [0, 1]; the plain prediction counts the rest. */
  readonly weight: number;
  /** Probabilities (or values) of each view: the plain prediction ceil(views/4) times, then one per augmented view, as fastai stacks them. */
  readonly stack: readonly Float32Array[];
  /** The network's outputs for the same. */
  readonly logitStack: readonly Float32Array[];
}

/** The mean of the predictions of several sets of parameters. */
export interface EnsemblePredictions extends Predictions {
  /** Probabilities (or values) of one set of parameters after another: each as TtaPredictions stacks them, or the plain prediction without views. */
  readonly stack: readonly Float32Array[];
  /** The network's outputs for the same. */
  readonly logitStack: readonly Float32Array[];
}

/** The items of predictions, and the meaning of the network's outputs for them. */
export interface PredictionSubject {
  readonly items: readonly Item[];
  readonly kind: TargetKind;
  readonly task: Task;
}

/** Predictions from `logits` [items, outputs]. */
export function predictionsOf(of: PredictionSubject, logits: Float32Array): PlainPredictions {
  const { items, task } = of;
  return { ...described(of, task.activate(logits), () => task.measure(items, logits)), logits };
}

/** What the augmented views count: fastai's mean, a number in [0, 1], or what fits the labels best. */
export type ViewWeight = "mean" | "fitted" | number;

/**
 * The plain predictions and those of each augmented view, as logits, in one mean. Throws a UsageError for a weight out of range, and for
 * one to fit to items without labels.
 */
export function averageViews(
  of: PredictionSubject,
  plain: Float32Array,
  views: readonly Float32Array[],
  weight: ViewWeight = "mean",
): TtaPredictions {
  const repeats = Math.ceil(views.length / 4);
  const logitStack = [...Array<Float32Array>(repeats).fill(plain), ...views];
  const first = of.task.activate(plain);
  const stack = logitStack.map((logits) => (logits === plain ? first : of.task.activate(logits)));
  // Without views there is only the plain prediction.
  const augmented = views.length === 0 ? first : meanRows(stack.slice(repeats));
  const share = views.length === 0 ? 0 : weight === "mean" ? views.length / (repeats + views.length) : weight;
  if (share === "fitted") checkKnown(of);
  const worth = (counts: number): Validation => of.task.measureActivated(of.items, mix(first, augmented, counts));
  const counts = share === "fitted" ? fitViewWeight(worth) : share;
  if (!(counts >= 0 && counts <= 1)) throw expected('"mean", "fitted" or a number from 0 to 1', "the weight of the views", weight);
  const mixed = mix(first, augmented, counts);
  return { ...described(of, mixed, () => of.task.measureActivated(of.items, mixed)), weight: counts, stack, logitStack };
}

function checkKnown({ items, kind }: PredictionSubject): void {
  if (!items.every(TARGET_KINDS[kind].isKnown))
    throw new UsageError(
      "The weight of augmented views can be fitted only to images whose labels are known",
      "Fit it on the validation images, and give its number for others.",
    );
}

/** The mean of several predictions [items, outputs] of probabilities (or values), each counting the same. */
export function meanOf(of: PredictionSubject, members: readonly Float32Array[]): Predictions {
  const mean = meanRows(members);
  return described(of, mean, () => of.task.measureActivated(of.items, mean));
}

function meanRows(members: readonly Float32Array[]): Float32Array {
  return Float32Array.from(members[0] as Float32Array, (_, i) => members.reduce((sum, one) => sum + one[i]!, 0) / members.length);
}

function described({ items, kind }: PredictionSubject, activated: Float32Array, measure: () => Validation): Predictions {
  const worth = items.every(TARGET_KINDS[kind].isKnown) ? measure() : { loss: Number.NaN, accuracy: Number.NaN };
  return { files: items.map((item) => item.name), ...LEARNER_KINDS[kind].measured(items, activated), ...worth };
}
