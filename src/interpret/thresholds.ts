// The effect of a threshold on the probability.

import type { Chart } from "../chart/chart.ts";
import { linesChart } from "../chart/lines.ts";
import type { Predictions } from "../learner/predict/predictions.ts";
import { classesOrNone } from "../metrics/calibrate.ts";
import { type Counts, countCells, countLabels, fBeta, pooled, precision, recall } from "../metrics/counts.ts";
import { chooseLabels } from "../metrics/multilabel.ts";

/** Shares in [0, 1]. */
export interface ThresholdRow {
  readonly threshold: number;
  /** Share of the images that get an answer: a class, or at least one label. */
  readonly answered: number;
  /** Share of the answers that are right; 0 if there are none. */
  readonly precision: number;
  /** Share of the true labels that were predicted. */
  readonly recall: number;
  readonly f1: number;
}

/** 0, 0.05, … 0.95. */
const TWENTIETHS: readonly number[] = Array.from({ length: 20 }, (_, i) => i / 20);

/** A row for each threshold, over all classes together (micro averages). Single classes below it get no answer. */
export function thresholdTable(
  { files, targets, probabilities }: Predictions,
  classes: number,
  thresholds: readonly number[] = TWENTIETHS,
): readonly ThresholdRow[] {
  const single = targets.length === files.length;
  return thresholds.map((threshold) => {
    if (single) {
      const chosen = classesOrNone(probabilities, classes, threshold);
      return rowOf(threshold, chosen.filter((label) => label >= 0).length / files.length, countLabels(chosen, targets, classes));
    }
    const chosen = chooseLabels(probabilities, classes, threshold);
    const answered = files.filter((_, row) => chosen.subarray(row * classes, (row + 1) * classes).includes(1)).length;
    return rowOf(threshold, answered / files.length, countCells(chosen, targets, classes));
  });
}

function rowOf(threshold: number, answered: number, counts: Counts): ThresholdRow {
  const all = pooled(counts);
  return { threshold, answered, precision: precision(all)[0]!, recall: recall(all)[0]!, f1: fBeta(all, 1)[0]! };
}

/** The rows as lines over the threshold: precision and recall, and F1 if images have several labels, else the answered share. */
export function thresholdChart(rows: readonly ThresholdRow[], several: boolean): Chart {
  const line = (name: string, of: (row: ThresholdRow) => number) => ({
    name,
    points: rows.map((row) => [row.threshold, of(row)] as const),
  });
  const third = several ? line("F1", (row) => row.f1) : line("answered", (row) => row.answered);
  const lines = [line("precision", (row) => row.precision), line("recall", (row) => row.recall), third];
  return linesChart({ title: "Thresholds", x: "least probability", panels: [{ name: "share", range: [0, 1], lines }] });
}
