// Precision, recall and F1 of each class, with their averages: scikit-learn's classification_report as data and as text.

import { type Counts, fBeta, mean, pooled, precision, recall, weightedMean } from "../metrics/counts.ts";

/** Shares in [0, 1], and the number of images. */
export interface ClassScores {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly support: number;
}

export interface ClassReport {
  /** In the order of the classes. */
  readonly classes: readonly (ClassScores & { readonly class: string })[];
  /** The unweighted mean over the classes. */
  readonly macro: ClassScores;
  /** The mean over the classes, weighted by their number of images. */
  readonly weighted: ClassScores;
  /** Over all decisions; for images with one class each, all three equal the accuracy. */
  readonly micro: ClassScores;
}

/** The report on `counts`, one entry for each of `classes`. Classes that were never predicted, or do not occur, score 0. */
export function classReport(classes: readonly string[], counts: Counts): ClassReport {
  const scores = { precision: precision(counts), recall: recall(counts), f1: fBeta(counts, 1) };
  const support = counts.actual.reduce((a, b) => a + b, 0);
  const average = (of: (values: Float64Array) => number): ClassScores => ({
    precision: of(scores.precision),
    recall: of(scores.recall),
    f1: of(scores.f1),
    support,
  });
  const all = pooled(counts);
  return {
    classes: classes.map((name, i) => ({
      class: name,
      precision: scores.precision[i]!,
      recall: scores.recall[i]!,
      f1: scores.f1[i]!,
      support: counts.actual[i]!,
    })),
    macro: average(mean),
    weighted: average((values) => weightedMean(values, counts.actual)),
    micro: { precision: precision(all)[0]!, recall: recall(all)[0]!, f1: fBeta(all, 1)[0]!, support },
  };
}

/** The report as lines of text: a table with a row for each class, and one for each average. */
export function classReportLines({ classes, micro, macro, weighted }: ClassReport): readonly string[] {
  const rows = [
    ...classes.map((row) => [row.class, row] as const),
    ...([
      ["micro average", micro],
      ["macro average", macro],
      ["weighted average", weighted],
    ] as const),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const line = (name: string, cells: readonly string[]) => `${name.padEnd(width)}${cells.map((cell) => cell.padStart(11)).join("")}`;
  return [
    line("", ["precision", "recall", "F1", "images"]),
    ...rows.map(([name, { precision, recall, f1, support }]) =>
      line(name, [precision.toFixed(3), recall.toFixed(3), f1.toFixed(3), String(support)]),
    ),
  ];
}
