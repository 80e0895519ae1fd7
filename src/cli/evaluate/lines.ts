// What `thaw evaluate` prints: the measures, a table of the classes, and what was confused. Pure functions.

import type { ClassReport } from "../../interpret/class-report.ts";
import type { Evaluation } from "../../interpret/evaluate-model.ts";
import { printable } from "../shared/printable.ts";
import { table } from "../shared/table.ts";
import { type Paint, percent, quantity } from "../shared/terminal.ts";

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
    ...table(["left", "right"], measures, paint),
    ...(report ? ["", ...reportLines(report, paint)] : []),
    ...(pairs.length > 0 ? ["", "confused", ...table(["right", "left"], pairs, paint)] : []),
    ...(left > 0 ? [paint.dim(`and ${quantity(left, "more pair")}; --json lists all`)] : []),
  ];
}

function reportLines({ classes, micro, macro, weighted }: ClassReport, paint: Paint): readonly string[] {
  const averages = { "micro average": micro, "macro average": macro, "weighted average": weighted };
  const rows = [...classes.map((row) => [printable(row.class), row] as const), ...Object.entries(averages)];
  return table(
    ["left", "right", "right", "right", "right"],
    rows.map(([name, { precision, recall, f1, support }]) => [
      name,
      ...[precision, recall, f1].map((share) => share.toFixed(3)),
      `${support}`,
    ]),
    paint,
    { head: ["class", "precision", "recall", "F1", "images"] },
  );
}

/** "rmse age" in words. */
function ofColumn(name: string): string {
  const [measure, ...column] = name.split(" ");
  return `${NUMBERS[measure as string]}: ${printable(column.join(" "))}`;
}
