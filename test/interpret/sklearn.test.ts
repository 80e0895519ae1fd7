// Reports and curves against scikit-learn's (make_interpretation.py).

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type ClassScores, Interpretation, metrics, type Predictions } from "../../src/index.ts";

type SklearnScores = { precision: number; recall: number; "f1-score": number; support: number };
interface Curves {
  roc: [number[], number[], number[]];
  precisionRecall: [number[], number[], number[]];
  averagePrecision: number;
}
interface Case {
  probabilities: number[];
  targets: number[];
  classes: string[];
  report: Record<string, SklearnScores>;
  curves: Curves[];
}
const wanted: { single: Case & { accuracy: number; confusion: number[] }; multi: Case } = JSON.parse(
  readFileSync(new URL("interpretation.json", import.meta.url), "utf8"),
);

function predictionsOf({ probabilities, targets, classes }: Case): Predictions {
  const files = Array.from({ length: probabilities.length / classes.length }, (_, i) => `${i}.jpg`);
  return { files, targets: Int32Array.from(targets), probabilities: Float32Array.from(probabilities), loss: 0, accuracy: 0 };
}

const close = (actual: ArrayLike<number>, numbers: readonly number[]): void => {
  expect(actual.length).toBe(numbers.length);
  for (const [i, number] of numbers.entries()) expect(actual[i]).toBeCloseTo(number, 12);
};

const scores = ({ precision, recall, f1, support }: ClassScores): number[] => [precision, recall, f1, support];
const sklearn = (from: SklearnScores | undefined): number[] => [from!.precision, from!.recall, from!["f1-score"], from!.support];

for (const kind of ["single", "multi"] as const) {
  const given = wanted[kind];
  const view = new Interpretation(predictionsOf(given), given.classes);

  test(`the report of ${kind} labels is scikit-learn's classification_report`, () => {
    const report = view.report();
    for (const row of report.classes) close(scores(row), sklearn(given.report[row.class]));
    close(scores(report.macro), sklearn(given.report["macro avg"]));
    close(scores(report.weighted), sklearn(given.report["weighted avg"]));
    if (kind === "multi") close(scores(report.micro), sklearn(given.report["micro avg"]));
    else close(scores(report.micro).slice(0, 3), [wanted.single.accuracy, wanted.single.accuracy, wanted.single.accuracy]);
  });

  test(`ROC and precision-recall curves of ${kind} labels have scikit-learn's points`, () => {
    for (const [label, curves] of given.curves.entries()) {
      const rows = given.probabilities.length / given.classes.length;
      const numbers = Array.from({ length: rows }, (_, row) => given.probabilities[row * given.classes.length + label]!);
      const positive = Array.from({ length: rows }, (_, row) =>
        kind === "single" ? Number(given.targets[row] === label) : given.targets[row * given.classes.length + label]!,
      );
      const roc = metrics.rocCurve(numbers, positive);
      close(roc.falsePositiveRates, curves.roc[0]);
      close(roc.truePositiveRates, curves.roc[1]);
      close(roc.thresholds.slice(1), curves.roc[2]);
      const pr = metrics.precisionRecallCurve(numbers, positive);
      close(pr.precisions, curves.precisionRecall[0]);
      close(pr.recalls, curves.precisionRecall[1]);
      close(pr.thresholds.slice(0, -1), curves.precisionRecall[2]);
      expect(metrics.averagePrecision(numbers, positive)).toBeCloseTo(curves.averagePrecision, 12);
    }
  });
}

test("the confusion matrix has scikit-learn's counts, true classes in rows", () => {
  const given = wanted.single;
  close(new Interpretation(predictionsOf(given), given.classes).confusion().counts, given.confusion);
});
