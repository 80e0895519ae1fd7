// Every metric against scikit-learn's number, with classes missing, ties and zero predictions among the cases; make_metrics.py made them.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { softmaxRows } from "../classifier/softmax.ts";
import { metrics } from "../index.ts";

type Averages = Record<string, [unknown, unknown, unknown]>;
interface Single {
  name: string;
  logits: number[];
  targets: number[];
  accuracy: number;
  topK: number[];
  confusion: number[];
  balanced: number;
  kappa: number[];
  matthews: number;
  auc: (number | null)[];
  logLoss: number;
  brier: number;
  calibration: number;
  temperature: number;
  scores: Record<string, Averages>;
  macroNan: number[];
}
interface Multi {
  probabilities: number[];
  targets: number[];
  classes: number;
  cells: number;
  exact: number;
  auc: (number | null)[];
  scores: Record<string, Averages>;
  planet: number[];
  bestPerClass: number[];
}
interface Regression extends Record<"rmse" | "mae" | "r2" | "explainedVariance" | "expRmspe" | "columns", number> {
  values: number[];
  targets: number[];
}
const expectedNumbers: { single: Single[]; multi: Multi; regression: Regression[] } = JSON.parse(
  readFileSync(new URL("../../test/metrics/metrics.json", import.meta.url), "utf8"),
);

/** Numbers as JSON has them: NaN as null. */
const plain = (values: ArrayLike<number>): (number | null)[] => Array.from(values, (value) => (Number.isNaN(value) ? null : value));

function close(actual: unknown, wanted: unknown, digits = 12): void {
  const [a, b] = [actual, wanted].map((value) => (Array.isArray(value) ? value.flat() : [value])) as [unknown[], unknown[]];
  expect(a.length).toBe(b.length);
  for (const [i, value] of a.entries()) {
    if (b[i] === null) expect(value).toBeNull();
    else expect(value).toBeCloseTo(b[i] as number, digits);
  }
}

/** Precision, recall and F-beta of counts, averaged in every way. */
function averagesOf(counts: metrics.Counts, rows: metrics.Counts | undefined, beta: number, zero: number): Averages {
  const scores = (of: metrics.Counts): [Float64Array, Float64Array, Float64Array] => [
    metrics.precision(of, zero),
    metrics.recall(of, zero),
    metrics.fBeta(of, beta, zero),
  ];
  const each = (of: metrics.Counts, average: (values: Float64Array) => unknown): [unknown, unknown, unknown] =>
    scores(of).map(average) as [unknown, unknown, unknown];
  return {
    none: each(counts, plain),
    macro: each(counts, metrics.mean),
    micro: each(metrics.pooled(counts), (values) => values[0]),
    weighted: each(counts, (values) => metrics.weightedMean(values, counts.actual)),
    ...(rows ? { samples: each(rows, metrics.mean) } : {}),
  };
}

function compareAverages(actual: Averages, wanted: Averages): void {
  expect(Object.keys(actual)).toEqual(Object.keys(wanted));
  for (const [average, values] of Object.entries(wanted)) close(actual[average], values);
}

describe.each(expectedNumbers.single)("$name", (wanted) => {
  const logits = Float32Array.from(wanted.logits);
  const targets = Int32Array.from(wanted.targets);
  const classes = logits.length / targets.length;
  const predicted = metrics.argmaxRows(logits, classes);
  const probabilities = softmaxRows(logits, classes);

  test("accuracy, error rate and top-k", () => {
    close(metrics.accuracy(logits, targets), wanted.accuracy);
    close(metrics.errorRate(logits, targets), 1 - wanted.accuracy);
    close(
      wanted.topK.map((_, i) => metrics.topKAccuracy(logits, targets, i + 1)),
      wanted.topK,
    );
    expect(metrics.topKAccuracy(logits, targets, classes)).toBe(1);
  });

  test("confusion matrix, balanced accuracy, Cohen's kappa and Matthews' correlation", () => {
    const confusion = metrics.confusionMatrix(predicted, targets, classes);
    expect(Array.from(confusion.counts)).toEqual(wanted.confusion);
    close(metrics.balancedAccuracy(confusion), wanted.balanced);
    close(
      (["none", "linear", "quadratic"] as const).map((weights) => metrics.cohenKappa(confusion, weights)),
      wanted.kappa,
    );
    close(metrics.matthews(confusion), wanted.matthews);
  });

  test("precision, recall and F-beta, per class, macro, micro and weighted, for each answer to a division by zero", () => {
    const counts = metrics.countLabels(predicted, targets, classes);
    for (const zero of [0, 1]) compareAverages(averagesOf(counts, undefined, 2, zero), wanted.scores[`${zero}`]!);
    compareAverages(averagesOf(counts, undefined, 1, 0), wanted.scores.f1!);
    const nan = [metrics.precision(counts, Number.NaN), metrics.recall(counts, Number.NaN), metrics.fBeta(counts, 1, Number.NaN)];
    close(nan.map(metrics.mean), wanted.macroNan);
  });

  test("the area under the ROC curve of each class", () => {
    close(plain(metrics.rocAucPerClass(logits, targets)), wanted.auc);
  });

  test("log-loss, Brier score, calibration error and temperature", () => {
    close(metrics.logLoss(probabilities, targets), wanted.logLoss, 6);
    close(metrics.brierScore(probabilities, targets), wanted.brier, 6);
    close(metrics.calibrationError(probabilities, targets), wanted.calibration, 6);
    expect(metrics.fitTemperature(logits, targets) / wanted.temperature).toBeCloseTo(1, 5);
  });
});

describe("several labels", () => {
  const { classes, ...wanted } = expectedNumbers.multi;
  const probabilities = Float32Array.from(wanted.probabilities);
  const targets = Uint8Array.from(wanted.targets);
  const chosen = metrics.chooseLabels(probabilities, classes, 0.5);

  test("shares of right cells and rows", () => {
    close(metrics.cellAccuracy(chosen, targets), wanted.cells);
    close(metrics.exactMatch(chosen, targets, classes), wanted.exact);
  });

  test("precision, recall and F2, also by sample", () => {
    const [counts, rows] = [metrics.countCells(chosen, targets, classes), metrics.countRows(chosen, targets, classes)];
    for (const zero of [0, 1]) compareAverages(averagesOf(counts, rows, 2, zero), wanted.scores[`${zero}`]!);
  });

  test("the area under the ROC curve of each label", () => {
    close(plain(metrics.rocAucPerLabel(probabilities, targets, classes)), wanted.auc);
  });

  test("the search for a threshold: F2 of each, and the best of fastai's", () => {
    const scores = metrics.PLANET_THRESHOLDS.map(
      (threshold) => metrics.findThreshold(probabilities, targets, classes, { thresholds: [threshold] }).score,
    );
    close(scores, wanted.planet);
    const best = metrics.findThreshold(probabilities, targets, classes, { thresholds: metrics.PLANET_THRESHOLDS });
    expect(best).toEqual({ threshold: 0.23, score: Math.max(...scores) });
  });

  test("the best threshold of each class reaches its best F2", () => {
    const found = metrics.findThresholdPerClass(probabilities, targets, classes);
    close(
      found.map(({ score }) => score),
      wanted.bestPerClass,
    );
    const thresholds = found.map(({ threshold }) => threshold);
    const scores = metrics.fBeta(metrics.countCells(metrics.chooseLabels(probabilities, classes, thresholds), targets, classes), 2);
    close(Array.from(scores), wanted.bestPerClass);
  });
});

test.each(expectedNumbers.regression)("numbers to predict, $columns columns", ({ values, targets, columns, ...wanted }) => {
  for (const name of ["rmse", "mae", "r2", "explainedVariance", "expRmspe"] as const)
    close(metrics[name](Float32Array.from(values), Float32Array.from(targets), columns), wanted[name]);
});
