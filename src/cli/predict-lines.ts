// What `thaw predict` prints for each file: a row for a person, or one line of JSON for a program. Pure functions.

import type { FilePrediction } from "../classifier/classifier.ts";
import { type Column, type Paint, percent, printable, tableRow } from "./terminal.ts";

/** The line of JSON for a result: {"file", "class", "probabilities": {class: probability}}, or {"file", "error"}. */
export function predictJson(result: FilePrediction): string {
  if ("error" in result) return JSON.stringify({ file: result.file, error: result.error });
  const probabilities = Object.fromEntries(result.predictions.map((prediction) => [prediction.class, prediction.probability]));
  return JSON.stringify({ file: result.file, class: result.predictions[0]?.class, probabilities });
}

/** The columns file, class and probability, wide enough for all that may come: rows are printed before the last file is read. */
export function predictColumns(files: readonly string[], classes: readonly string[]): readonly Column[] {
  const widest = (names: readonly string[], least: number): number =>
    names.reduce((width, name) => Math.max(width, printable(name).length), least);
  return [
    { align: "left", width: widest(files, "file".length) },
    { align: "left", width: widest(classes, "class".length) },
    { align: "right", width: "probability".length },
  ];
}

/** The head of the table. */
export function predictHead(columns: readonly Column[], paint: Paint): string {
  return paint.dim(tableRow(columns, ["file", "class", "probability"]));
}

/** The row of a result: the most probable class and its probability, or in their place why the file could not be read. */
export function predictRow(columns: readonly Column[], result: FilePrediction, paint: Paint): string {
  const file = printable(result.file);
  if ("error" in result) return tableRow(columns, [file, paint.red(printable(result.error))]);
  const { class: name, probability } = result.predictions[0]!;
  return tableRow(columns, [file, printable(name), percent(probability)]);
}
