// Predictions with their file names, and means of several.

import type { Item } from "../../data/dataset/items.ts";
import { TARGET_KINDS, type TargetKind } from "../../data/dataset/targets.ts";
import type { Measured } from "../task/measured.ts";
import { LEARNER_KINDS } from "../task/target-kinds.ts";
import type { Task, Validation } from "../task/task.ts";

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

/** The mean of the probabilities (or values) of the plain logits (weighing ceil(views/4)) and those of each augmented view. */
export function averageViews(of: PredictionSubject, plain: Float32Array, views: readonly Float32Array[]): TtaPredictions {
  const logitStack = [...Array<Float32Array>(Math.ceil(views.length / 4)).fill(plain), ...views];
  const first = of.task.activate(plain);
  const stack = logitStack.map((logits) => (logits === plain ? first : of.task.activate(logits)));
  // Without views there is only the plain prediction.
  return { ...meanOf(of, stack.length === 0 ? [first] : stack), stack, logitStack };
}

/** The mean of several predictions [items, outputs] of probabilities (or values), each counting the same. */
export function meanOf(of: PredictionSubject, members: readonly Float32Array[]): Predictions {
  const mean = Float32Array.from(members[0] as Float32Array, (_, i) => members.reduce((sum, one) => sum + one[i]!, 0) / members.length);
  return described(of, mean, () => of.task.measureActivated(of.items, mean));
}

function described({ items, kind }: PredictionSubject, activated: Float32Array, measure: () => Validation): Predictions {
  const worth = items.every(TARGET_KINDS[kind].isKnown) ? measure() : { loss: Number.NaN, accuracy: Number.NaN };
  return { files: items.map((item) => item.name), ...LEARNER_KINDS[kind].measured(items, activated), ...worth };
}
