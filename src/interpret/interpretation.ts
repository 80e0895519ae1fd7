// What a network gets right and wrong: views of predictions that are made once. Each method documents what its view means for several
// labels per image, or for numbers; otherwise it throws.

import type { Chart } from "../chart/chart.ts";
import { confusionChart } from "../chart/confusion.ts";
import { UsageError } from "../core/errors.ts";
import type { WorkOptions } from "../core/progress.ts";
import { TARGET_KINDS, type TargetKind } from "../data/dataset/targets.ts";
import type { ConvLearner } from "../learner/learner.ts";
import type { Predictions } from "../learner/predict/predictions.ts";
import { type Confusion, confusionMatrix } from "../metrics/confusion.ts";
import { type Counts, countCells, countLabels } from "../metrics/counts.ts";
import { argmaxRows } from "../metrics/losses.ts";
import { chooseLabels } from "../metrics/multilabel.ts";
import { calibrationChart, type OneAgainstRest, precisionRecallChart, rocChart } from "./charts.ts";
import { type ClassReport, classReport } from "./class-report.ts";
import { type ItemLoss, itemLosses } from "./item-losses.ts";
import {
  type Confused,
  mostConfused,
  mostCorrect,
  mostIncorrect,
  mostUncertain,
  type PredictedImage,
  picksOf,
  randomPicks,
  topLosses,
} from "./picks.ts";
import { type ThresholdRow, thresholdChart, thresholdTable } from "./thresholds.ts";

export interface InterpretationOptions {
  /** For images with several labels: the least probability at which a label counts as predicted; default 0.5. */
  threshold?: number;
}

/** The most classes in a chart of curves; if there are more, the worst ones are drawn. */
const CURVES = 5;

interface LabelViews {
  /** How often each class or label was predicted, and how often correctly. */
  counts(predictions: Predictions, classes: number, threshold: number): Counts;
  /** 1 if the image of row `row` is of the class `label`, else 0. */
  isOf(targets: ArrayLike<number>, row: number, label: number, classes: number): number;
}

/** The views of a kind of target, and its name in errors. */
interface KindViews {
  readonly what: string;
  readonly others: string;
  /** Undefined for numbers. */
  readonly labels: LabelViews | undefined;
}

const VIEWS: Readonly<Record<TargetKind, KindViews>> = {
  single: {
    what: "images with one class each",
    others: "all views",
    labels: {
      counts: ({ probabilities, targets }, classes) => countLabels(argmaxRows(probabilities, classes), targets, classes),
      isOf: (targets, row, label) => Number(targets[row] === label),
    },
  },
  multi: {
    what: "images with several labels each",
    others: "report, topLosses, plotRoc, plotPrecisionRecall and thresholds",
    labels: {
      counts: ({ probabilities, targets }, classes, threshold) =>
        countCells(chooseLabels(probabilities, classes, threshold), targets, classes),
      isOf: (targets, row, label, classes) => targets[row * classes + label]!,
    },
  },
  continuous: { what: "numbers", others: "topLosses, and the metrics of the predictions", labels: undefined },
};

export class Interpretation {
  readonly predictions: Predictions;
  readonly classes: readonly string[];
  /** "single": one class per image, "multi": any number of labels, "continuous": numbers. */
  readonly kind: TargetKind;
  readonly #threshold: number;
  #picks: readonly PredictedImage[] | undefined;

  /** The views of `predictions`, whose columns are `classes` (labels, or columns of numbers), in order. */
  constructor(predictions: Predictions, classes: readonly string[], { threshold = 0.5 }: InterpretationOptions = {}) {
    const { values, targets, files } = predictions;
    this.predictions = predictions;
    this.classes = classes;
    this.kind = values ? "continuous" : targets.length === files.length ? "single" : "multi";
    this.#threshold = threshold;
  }

  /** Predicts the validation images of `learner`, once. */
  static async from(learner: ConvLearner, options: WorkOptions = {}): Promise<Interpretation> {
    return new Interpretation(await learner.predict(options), learner.data.classes, { threshold: learner.threshold });
  }

  /** How often images of each class (rows) were predicted as each class (columns). Only for single classes. */
  confusion(): Confusion {
    const { targets } = this.#single("A confusion matrix");
    return confusionMatrix(this.#predicted, targets, this.classes.length);
  }

  /** The confusion matrix as a chart, in counts or in shares of each row. Only for single classes. */
  plotConfusion({ normalize = false }: { normalize?: boolean } = {}): Chart {
    return confusionChart({ classes: this.classes, counts: this.confusion().counts, normalize });
  }

  /** Pairs of classes that were confused at least `least` times (default 1), the most frequent first. Only for single classes. */
  mostConfused(least = 1): readonly Confused[] {
    return mostConfused(this.confusion().counts, this.classes.length, least);
  }

  /** Precision, recall and F1 of each class or label, like scikit-learn's classification_report. Not for numbers. */
  report(): ClassReport {
    return classReport(this.classes, this.#counts("A report by class"));
  }

  /** The `n` (default 9) images with the largest losses, largest first: cross-entropy, or for numbers the error in standard deviations. */
  topLosses(n = 9): readonly ItemLoss[] {
    return TARGET_KINDS[this.kind].exclusive ? topLosses(this.picks(), n) : topLosses(itemLosses(this.predictions), n);
  }

  /** The prediction for each image, in order. Only for single classes. */
  picks(): readonly PredictedImage[] {
    this.#picks ??= picksOf(this.#single("A choice of images by class"));
    return this.#picks;
  }

  /** The `n` (default 4) correctly predicted images of a class with the highest probability. Only for single classes. */
  mostCorrect(name: string, n = 4): readonly PredictedImage[] {
    return mostCorrect(this.picks(), this.#index(name), n);
  }

  /** The `n` (default 4) images of a class that were predicted as another, the lowest probability first. Only for single classes. */
  mostIncorrect(name: string, n = 4): readonly PredictedImage[] {
    return mostIncorrect(this.picks(), this.#index(name), n);
  }

  /** The `n` (default 4) images of a class whose probability is nearest to that of a random guess. Only for single classes. */
  mostUncertain(name: string, n = 4): readonly PredictedImage[] {
    return mostUncertain(this.picks(), this.#index(name), n, this.classes.length);
  }

  /** `n` (default 4) correctly predicted images, drawn with `seed` (default 42). Only for single classes. */
  randomCorrect(n = 4, seed = 42): readonly PredictedImage[] {
    return randomPicks(this.picks(), true, n, seed);
  }

  /** `n` (default 4) wrongly predicted images, drawn with `seed` (default 42). Only for single classes. */
  randomIncorrect(n = 4, seed = 42): readonly PredictedImage[] {
    return randomPicks(this.picks(), false, n, seed);
  }

  /** Accuracy over confidence. Only for single classes. */
  plotCalibration({ bins = 15 }: { bins?: number } = {}): Chart {
    const { probabilities, targets } = this.#single("A calibration diagram");
    return calibrationChart(probabilities, targets, bins);
  }

  /** ROC curves of classes or labels against the rest; default the five with the smallest F1. Not for numbers. */
  plotRoc(names: readonly string[] = this.#worst()): Chart {
    return rocChart(names.map((name) => this.#oneAgainstRest(name)));
  }

  /** Precision over recall of classes or labels against the rest; default the five with the smallest F1. Not for numbers. */
  plotPrecisionRecall(names: readonly string[] = this.#worst()): Chart {
    return precisionRecallChart(names.map((name) => this.#oneAgainstRest(name)));
  }

  /**
   * The effect of thresholds (default 0, 0.05, … 0.95) on the probability: single classes below it get no answer, several labels are
   * predicted from it on. Not for numbers.
   */
  thresholds(values?: readonly number[]): readonly ThresholdRow[] {
    this.#counts("A table of thresholds");
    return thresholdTable(this.predictions, this.classes.length, values);
  }

  /** The table of thresholds as a chart. Not for numbers. */
  plotThresholds(): Chart {
    return thresholdChart(this.thresholds(), !TARGET_KINDS[this.kind].exclusive);
  }

  get #predicted(): Int32Array {
    return argmaxRows(this.predictions.probabilities, this.classes.length);
  }

  #single(view: string): Predictions {
    if (!TARGET_KINDS[this.kind].exclusive) throw noSuchView(view, this.kind);
    return this.predictions;
  }

  #counts(view: string): Counts {
    return this.#labels(view).counts(this.predictions, this.classes.length, this.#threshold);
  }

  #labels(view: string): LabelViews {
    const { labels } = VIEWS[this.kind];
    if (!labels) throw noSuchView(view, this.kind);
    return labels;
  }

  #worst(): readonly string[] {
    const report = this.report();
    // With two classes, one curve mirrors the other.
    if (TARGET_KINDS[this.kind].exclusive && this.classes.length === 2) return this.classes.slice(1);
    return report.classes
      .filter(({ support }) => support > 0)
      .sort((a, b) => a.f1 - b.f1)
      .slice(0, CURVES)
      .map((row) => row.class);
  }

  #oneAgainstRest(name: string): OneAgainstRest {
    const { isOf } = this.#labels("A curve of one class against the rest");
    const { probabilities, targets, files } = this.predictions;
    const [label, n] = [this.#index(name), this.classes.length];
    return {
      class: name,
      scores: Float32Array.from(files, (_, row) => probabilities[row * n + label]!),
      positive: Uint8Array.from(files, (_, row) => isOf(targets, row, label, n)),
    };
  }

  #index(name: string): number {
    const index = this.classes.indexOf(name);
    if (index < 0) throw new UsageError(`There is no class "${name}"`, `The classes are ${this.classes.join(", ")}.`);
    return index;
  }
}

/** The views of existing predictions: `new Interpretation` as a function. */
export function interpret(predictions: Predictions, classes: readonly string[], options?: InterpretationOptions): Interpretation {
  return new Interpretation(predictions, classes, options);
}

function noSuchView(view: string, kind: TargetKind): UsageError {
  const { what, others } = VIEWS[kind];
  return new UsageError(`${view} is not available for ${what}`, `Use ${others}.`);
}
