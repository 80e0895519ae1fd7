// What a learner makes of each kind of target: one row for each kind.

import type { ModelDescription } from "../../classifier/format.ts";
import type { Scale } from "../../classifier/targets.ts";
import type { Item } from "../../data/dataset/items.ts";
import type { TargetKind } from "../../data/dataset/targets.ts";
import { type Measured, measuredClasses, measuredLabels, measuredNumbers } from "./measured.ts";
import { classTask, type LossOptions, labelsTask, numbersTask, type Task } from "./task.ts";

/** How the outputs of a learner are read beyond their kind. */
export interface OutputSettings {
  /** The probability from which on a label is predicted. */
  readonly threshold: number;
  /** How numbers were scaled for training. */
  readonly scale: Scale;
}

/** What a temperature can be fitted to: logits [rows, classes] and the class of each row. */
export type LogitRows = readonly [logits: Float32Array, targets: Int32Array];

interface LearnerKind {
  /** What is taught, for `classes`, the names of classes or columns. */
  task(classes: readonly string[], settings: OutputSettings, options: LossOptions): Task;
  /** `activated` [items, outputs], probabilities or numbers, beside the targets of `items`. */
  measured(items: readonly Item[], activated: Float32Array): Measured;
  /** What a saved model says of its outputs. */
  saved(settings: OutputSettings): ModelDescription["target"];
  /** What a temperature is fitted to; undefined if outputs are not logits. */
  readonly logitRows: ((predictions: { readonly logits: Float32Array; readonly targets: Int32Array }) => LogitRows) | undefined;
}

export const LEARNER_KINDS: Readonly<Record<TargetKind, LearnerKind>> = {
  single: {
    task: (classes, _, options) => classTask(classes.length, lossOf(options)),
    measured: measuredClasses,
    saved: () => undefined,
    logitRows: ({ logits, targets }) => [logits, targets],
  },
  multi: {
    task: (classes, { threshold }, options) => labelsTask(classes.length, threshold, lossOf(options)),
    measured: measuredLabels,
    saved: ({ threshold }) => ({ kind: "multi", threshold }),
    // Each label as two classes of its own, with the outputs x and 0: their softmax is the label's sigmoid.
    logitRows: ({ logits, targets }) => [
      Float32Array.from({ length: 2 * logits.length }, (_, i) => (i % 2 === 0 ? logits[i / 2]! : 0)),
      targets.map((on) => 1 - on),
    ],
  },
  continuous: {
    task: (columns, { scale }, { crit = "l1" }) => numbersTask(columns, scale, crit),
    measured: measuredNumbers,
    saved: ({ scale }) => ({ kind: "continuous", ...scale }),
    logitRows: undefined,
  },
};

function lossOf({ labelSmoothing: smoothing, classWeights: weights, focal }: LossOptions) {
  return { smoothing, weights, focal };
}
