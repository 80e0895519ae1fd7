// Evaluates a saved model on labelled images, with the same preprocessing and calibration as in a product.

import type { Classifier } from "../classifier/classifier.ts";
import type { Regressor } from "../classifier/regressor.ts";
import type { WorkOptions } from "../core/progress.ts";
import type { Item } from "../data/dataset/items.ts";
import * as metrics from "../metrics/index.ts";
import { type ClassReport, classReport } from "./class-report.ts";
import { mostConfused } from "./picks.ts";

/** A pair of classes by name, and how many images of the first were predicted as the second. */
export interface ConfusedClasses {
  readonly class: string;
  readonly predicted: string;
  readonly count: number;
}

export interface Evaluation {
  readonly kind: "single" | "multi" | "continuous";
  /** Number of predicted images. */
  readonly images: number;
  /** The images that could not be read, and why. */
  readonly failed: readonly { readonly file: string; readonly error: string }[];
  /**
   * By name. For classes: "accuracy", "top5" (if there are more than five), "balancedAccuracy", "logLoss", "brier" and "calibrationError",
   * and "answered" and "accuracyOfAnswers" for a model that may answer none of them. For labels: "accuracy", "exactMatch" and "f1" (macro).
   * For one number: "rmse", "mae" and "r2"; for several: "rmse <column>" and "mae <column>" of each, and the mean "r2".
   */
  readonly metrics: Readonly<Record<string, number>>;
  /** For classes and labels. */
  readonly report?: ClassReport;
  /** For classes: pairs that were confused, the most frequent first. */
  readonly confused?: readonly ConfusedClasses[];
}

/** Predicts `items`, whose labels are the model's own classes, and measures the predictions. */
export async function evaluateModel(
  model: Classifier | Regressor,
  items: readonly Item[],
  { signal, onProgress }: WorkOptions = {},
): Promise<Evaluation> {
  const { kind } = model;
  const names = model.description.classes;
  const known: Item[] = [];
  const failed: { file: string; error: string }[] = [];
  const answers: Float32Array[] = [];
  const present: (boolean | undefined)[] = [];
  let done = 0;
  for await (const result of model.predictFiles(items, { ...(signal && { signal }) })) {
    const item = items[done++] as Item;
    onProgress?.({ task: "Predicting", done, total: items.length, unit: "images" });
    if ("error" in result) failed.push({ file: item.name, error: result.error });
    else {
      known.push(item);
      present.push("values" in result ? undefined : result.predictions[0]?.present);
      answers.push("values" in result ? Float32Array.from(names, (name) => result.values.get(name)!) : byClass(names, result.predictions));
    }
  }
  const outputs = new Float32Array(known.length * names.length);
  for (const [row, answer] of answers.entries()) outputs.set(answer, row * names.length);
  const measured = { single: ofClasses, multi: ofLabels, continuous: ofNumbers }[kind](outputs, known, model, present);
  return { kind, images: known.length, failed, ...measured };
}

type Measured = Pick<Evaluation, "metrics" | "report" | "confused">;

/** `present`: whether an image got an answer; undefined if all do. */
function ofClasses(
  probabilities: Float32Array,
  items: readonly Item[],
  { description }: Classifier | Regressor,
  present: readonly (boolean | undefined)[],
): Measured {
  const { classes } = description;
  const targets = items.map(({ label }) => label);
  const predicted = metrics.argmaxRows(probabilities, classes.length);
  const confusion = metrics.confusionMatrix(predicted, targets, classes.length);
  const mayBeNone = present.some((each) => each !== undefined);
  const answered = [...predicted.keys()].filter((row) => present[row] !== false);
  return {
    metrics: {
      accuracy: metrics.topKAccuracy(probabilities, targets, 1),
      ...(classes.length > 5 && { top5: metrics.topKAccuracy(probabilities, targets, 5) }),
      balancedAccuracy: metrics.balancedAccuracy(confusion),
      logLoss: metrics.logLoss(probabilities, targets),
      brier: metrics.brierScore(probabilities, targets),
      calibrationError: metrics.calibrationError(probabilities, targets),
      ...(mayBeNone && {
        answered: answered.length / targets.length,
        accuracyOfAnswers: answered.filter((row) => predicted[row] === targets[row]).length / answered.length,
      }),
    },
    report: classReport(classes, metrics.countLabels(predicted, targets, classes.length)),
    confused: mostConfused(confusion.counts, classes.length, 1).map(({ target, predicted: other, count }) => ({
      class: classes[target] as string,
      predicted: classes[other] as string,
      count,
    })),
  };
}

function ofLabels(probabilities: Float32Array, items: readonly Item[], { description }: Classifier | Regressor): Measured {
  const { classes, target } = description;
  const targets = Uint8Array.from(probabilities, (_, cell) =>
    Number(items[Math.floor(cell / classes.length)]?.labels?.includes(cell % classes.length)),
  );
  const chosen = metrics.chooseLabels(probabilities, classes.length, target?.kind === "multi" ? target.threshold : 0.5);
  const report = classReport(classes, metrics.countCells(chosen, targets, classes.length));
  return {
    metrics: {
      accuracy: metrics.cellAccuracy(chosen, targets),
      exactMatch: metrics.exactMatch(chosen, targets, classes.length),
      f1: report.macro.f1,
    },
    report,
  };
}

function ofNumbers(values: Float32Array, items: readonly Item[], { description }: Classifier | Regressor): Measured {
  const { classes } = description;
  const targets = items.flatMap((item) => item.values ?? []);
  const column = (of: ArrayLike<number>, at: number): number[] => items.map((_, row) => of[row * classes.length + at]!);
  const each = classes.flatMap((name, at) => {
    const [predicted, wanted] = [column(values, at), column(targets, at)];
    const of = classes.length === 1 ? "" : ` ${name}`;
    return [[`rmse${of}`, metrics.rmse(predicted, wanted)] as const, [`mae${of}`, metrics.mae(predicted, wanted)] as const];
  });
  return { metrics: { ...Object.fromEntries(each), r2: metrics.r2(values, targets, classes.length) } };
}

/** Probabilities in the order of `classes`. */
function byClass(classes: readonly string[], predictions: readonly { class: string; probability: number }[]): Float32Array {
  const of = new Map(predictions.map((each) => [each.class, each.probability]));
  return Float32Array.from(classes, (name) => of.get(name)!);
}
