// What a learner is taught, by the kind of its data's targets: the targets of a batch, the loss, and the measures of predictions.

import { softmaxRows } from "../../classifier/softmax.ts";
import { type Scale, sigmoids, unscale } from "../../classifier/targets.ts";
import type { Tensor } from "../../core/tensor.ts";
import { zeros } from "../../core/tensor.ts";
import type { Item } from "../../data/dataset/items.ts";
import { binaryCrossEntropy, type CrossEntropyOptions, l1, meanSquaredError, softmaxCrossEntropy } from "../../graph/losses.ts";
import { countRows, fBeta, mean } from "../../metrics/counts.ts";
import { accuracy, crossEntropy, meanBinaryCrossEntropy } from "../../metrics/losses.ts";
import { cellAccuracy, chooseLabels, PLANET_THRESHOLDS } from "../../metrics/multilabel.ts";
import { mae, r2, rmse } from "../../metrics/regression.ts";
import type { Objective } from "../step/training-step.ts";
import type { Measured, Metric } from "./measured.ts";
import { oneHot } from "./one-hot.ts";

/**
 * Measures by name, the most informative first. Of labels "accuracy" (the share of all labels that is right), "f1" (the mean over the images, at
 * the learner's threshold) and "f2" (the same at the best of the thresholds 0.17 to 0.23, as in fastai's Planet lesson). Of one number "rmse",
 * "mae" and "r2"; of several the mean "r2", and "rmse <column>" of each.
 */
export type Metrics = Readonly<Record<string, number>>;

export interface Validation {
  /** Mean over the validation items of the plain loss, without label smoothing, class weights and focal factor: cross-entropies in nats, errors of numbers in standard deviations. */
  readonly loss: number;
  /** In [0, 1]: the share of images whose class is right, or of labels; NaN if the targets are numbers. */
  readonly accuracy: number;
  /** All measures, unless the accuracy is the only one. */
  readonly metrics?: Metrics;
}

/** The loss of a regression: the mean of squared or of absolute differences. */
export type RegressionLoss = "mse" | "l1";

/** Options of the loss. */
export interface LossOptions {
  /** What a regression minimises: absolute errors, as fastai 0.7 does, or squared ones, which weigh outliers more; default "l1". */
  crit?: RegressionLoss;
  /** This share of each label, in [0, 1), is spread over all classes while training (Szegedy et al. 2016); default 0. */
  labelSmoothing?: number;
  /** The weight of each class in training, in the order of the classes, such as more for rare ones; default 1 each. */
  classWeights?: readonly number[];
  /** γ of the focal loss, which weighs down what is learnt already (Lin et al. 2017: 2); default 0, plain cross-entropy. */
  focal?: number;
}

export interface Task {
  /** What training minimises. */
  readonly objective: Objective;
  /** Targets [items, outputs] as the objective takes them. */
  targets(items: readonly Item[]): Tensor<"float32">;
  /** Probabilities, or numbers in the data's units, from a network's outputs [items, outputs]. */
  activate(outputs: Float32Array): Float32Array;
  /** The measures of `outputs` [items, outputs]. */
  measure(items: readonly Item[], outputs: Float32Array): Validation;
  /** The measures of `activated` (or the mean of several such) [items, outputs]. */
  measureActivated(items: readonly Item[], activated: Float32Array): Validation;
}

/** Probabilities are clipped to this from below, so that logarithms stay finite. */
const LEAST = 1e-12;

/** `task`, whose outputs are divided by `temperature` before anything else (Guo et al. 2017). */
export function calibratedTask(task: Task, temperature: number): Task {
  const scaled = (outputs: Float32Array) => outputs.map((output) => output / temperature);
  return {
    ...task,
    activate: (outputs) => task.activate(scaled(outputs)),
    measure: (items, outputs) => task.measure(items, scaled(outputs)),
  };
}

/** `task`, which measures by `metrics` too, each under its name; they are given what `measuredOf` makes of the activated outputs. */
export function withMetrics(
  task: Task,
  measuredOf: (items: readonly Item[], activated: Float32Array) => Measured,
  metrics: Readonly<Record<string, Metric>>,
): Task {
  const names = Object.keys(metrics);
  if (names.length === 0) return task;
  const more = (items: readonly Item[], activated: Float32Array, { accuracy, metrics: own, ...rest }: Validation): Validation => {
    const measured = measuredOf(items, activated);
    const added = Object.fromEntries(names.map((name) => [name, (metrics[name] as Metric)(measured)]));
    return { ...rest, accuracy, metrics: { ...(own ?? { accuracy }), ...added } };
  };
  return {
    ...task,
    measure: (items, outputs) => more(items, task.activate(outputs), task.measure(items, outputs)),
    measureActivated: (items, activated) => more(items, activated, task.measureActivated(items, activated)),
  };
}

/** One of `classes` classes per image: softmax and cross-entropy. `options` apply to training; the plain loss is measured. */
export function classTask(classes: number, options: CrossEntropyOptions = {}): Task {
  const labels = (items: readonly Item[]) => Int32Array.from(items, (item) => item.label);
  return {
    objective: {
      targetShape: [classes],
      loss: (graph, logits, targets) => ({ loss: softmaxCrossEntropy(graph, logits, targets, options).loss, parts: {} }),
    },
    targets: (items) =>
      oneHot(
        items.map((item) => item.label),
        classes,
      ),
    activate: (outputs) => softmaxRows(outputs, classes),
    measure: (items, outputs) => ({ loss: crossEntropy(outputs, labels(items)), accuracy: accuracy(outputs, labels(items)) }),
    measureActivated: (items, activated) => ({
      loss: crossEntropy(
        activated.map((probability) => Math.log(Math.max(probability, LEAST))),
        labels(items),
      ),
      accuracy: accuracy(activated, labels(items)),
    }),
  };
}

/**
 * Any of `classes` labels per image: a sigmoid each and binary cross-entropy. A label is predicted from the probability `threshold` on.
 * `options` apply to training; the plain loss is measured.
 */
export function labelsTask(classes: number, threshold: number, options: CrossEntropyOptions = {}): Task {
  const worth = (loss: number, probabilities: Float32Array, targets: ArrayLike<number>): Validation => {
    const share = cellAccuracy(chooseLabels(probabilities, classes, threshold), targets);
    // A row without labels counts as right if none is predicted.
    const f = (beta: number, from: number) => mean(fBeta(countRows(chooseLabels(probabilities, classes, from), targets, classes), beta, 1));
    return {
      loss,
      accuracy: share,
      metrics: { accuracy: share, f1: f(1, threshold), f2: Math.max(...PLANET_THRESHOLDS.map((from) => f(2, from))) },
    };
  };
  return {
    objective: {
      targetShape: [classes],
      loss: (graph, logits, targets) => ({ loss: binaryCrossEntropy(graph, logits, targets, options).loss, parts: {} }),
    },
    targets: (items) => manyHot(items, classes),
    activate: sigmoids,
    measure(items, outputs) {
      const targets = manyHot(items, classes).data;
      return worth(meanBinaryCrossEntropy(outputs, targets), sigmoids(outputs), targets);
    },
    measureActivated(items, activated) {
      const targets = manyHot(items, classes).data;
      const logits = activated.map((p) => Math.log(Math.max(p, LEAST)) - Math.log(Math.max(1 - p, LEAST)));
      return worth(meanBinaryCrossEntropy(logits, targets), activated, targets);
    },
  };
}

/** Numbers, one for each of `columns`, learnt in standard deviations (`scale`), so that learning rates do not depend on units. */
export function numbersTask(columns: readonly string[], scale: Scale, crit: RegressionLoss): Task {
  const lossOf = crit === "mse" ? meanSquaredError : l1;
  const measureActivated = (items: readonly Item[], activated: Float32Array): Validation => {
    const scaled = Float64Array.from(activated, (value, i) => {
      const [row, c] = [Math.floor(i / columns.length), i % columns.length];
      const difference = (value - (items[row]?.values?.[c] as number)) / (scale.std[c] as number);
      return crit === "mse" ? difference ** 2 : Math.abs(difference);
    });
    return {
      loss: scaled.reduce((a, b) => a + b, 0) / scaled.length,
      accuracy: Number.NaN,
      metrics: errorsOf(
        columns,
        activated,
        items.flatMap((item) => item.values ?? []),
      ),
    };
  };
  return {
    objective: {
      targetShape: [columns.length],
      loss: (graph, outputs, targets) => ({ loss: lossOf(graph, outputs, targets).loss, parts: {} }),
    },
    targets(items) {
      const targets = zeros("float32", [items.length, columns.length]);
      for (const [row, { values = [] }] of items.entries())
        for (const [c, value] of values.entries()) targets.data[row * columns.length + c] = (value - scale.mean[c]!) / scale.std[c]!;
      return targets;
    },
    activate: (outputs) => unscale(outputs, scale),
    measure: (items, outputs) => measureActivated(items, unscale(outputs, scale)),
    measureActivated,
  };
}

/** One column's three errors; of several columns the mean R², which has no unit, then each one's root mean squared error in its own. */
function errorsOf(columns: readonly string[], values: Float32Array, targets: readonly number[]): Metrics {
  const n = columns.length;
  if (n === 1) return { rmse: rmse(values, targets), mae: mae(values, targets), r2: r2(values, targets) };
  const column = (of: ArrayLike<number>, c: number) => Array.from(of).filter((_, i) => i % n === c);
  const each = columns.map((name, c) => [`rmse ${name}`, rmse(column(values, c), column(targets, c))] as const);
  return Object.fromEntries([["r2", r2(values, targets, n)], ...each]);
}

function manyHot(items: readonly Item[], classes: number): Tensor<"float32"> {
  const targets = zeros("float32", [items.length, classes]);
  for (const [row, { labels = [] }] of items.entries()) for (const label of labels) targets.data[row * classes + label] = 1;
  return targets;
}
