// What `thaw evaluate` prints: the measures, a table of the classes, and what was confused. Pure functions.

import { classReportLines } from "../../interpret/class-report.ts";
import type { Evaluation } from "../../interpret/evaluate-model.ts";
import { type Paint, percent, printable, quantity, table } from "../shared/terminal.ts";

/** Measures that are shares, with what they are called; others are printed as numbers. */
const SHARES: Readonly<Record<string, string>> = {
  accuracy: "accuracy",
  top5: "among the best five",
  balancedAccuracy: "balanced accuracy",
  answered: "answered at all",
  accuracyOfAnswers: "accuracy of answers",
  exactMatch: "all labels right",
};
const NUMBERS: Readonly<Record<string, string>> = {
  logLoss: "log-loss",
  brier: "Brier score",
  calibrationError: "calibration error",
  f1: "F1 (macro)",
  rmse: "root mean squared error",
  mae: "mean absolute error",
  r2: "R²",
};
/** Pairs that are listed. */
const LISTED = 10;

/** The lines of the text output. */
export function evaluationLines({ images, failed, metrics, report, confused = [] }: Evaluation, paint: Paint): readonly string[] {
  const measures = Object.entries(metrics).map(([name, value]) => [
    SHARES[name] ?? NUMBERS[name] ?? ofColumn(name),
    name in SHARES ? percent(value) : `${Number(value.toPrecision(4))}`,
  ]);
  const pairs = confused
    .slice(0, LISTED)
    .map(({ class: name, predicted, count }) => [`${count}`, `${printable(name)} taken for ${printable(predicted)}`]);
  const left = confused.length - LISTED;
  return [
    quantity(images, "photograph"),
    ...failed.map(({ file, error }) => paint.red(`${printable(file)}: ${printable(error)}`)),
    "",
    ...table(["left", "right"], measures),
    ...(report
      ? ["", ...classReportLines({ ...report, classes: report.classes.map((row) => ({ ...row, class: printable(row.class) })) })]
      : []),
    ...(pairs.length > 0 ? ["", "confused", ...table(["right", "left"], pairs)] : []),
    ...(left > 0 ? [paint.dim(`and ${quantity(left, "more pair")}; --json lists all`)] : []),
  ];
}

/** "rmse age" in words. */
function ofColumn(name: string): string {
  const [measure, ...column] = name.split(" ");
  return `${NUMBERS[measure as string]}: ${printable(column.join(" "))}`;
}
