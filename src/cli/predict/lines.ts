// What `thaw predict` prints for each file: a row for a person, or one line of JSON for a program. Pure functions.

import type { FilePrediction, Prediction } from "../../classifier/classifier.ts";
import type { FileValues } from "../../classifier/regressor.ts";
import { type Column, type Paint, percent, printable, tableRow } from "../shared/terminal.ts";

/** What became of one file, with a model of any kind. */
export type FileResult = FilePrediction | FileValues;

/** What a model predicts: the one class of an image, its labels, or numbers; and what these are called. */
export interface Predicted {
  readonly kind: "single" | "multi" | "continuous";
  readonly names: readonly string[];
  /** Whether an image may be of none of the classes. */
  readonly mayBeNone?: boolean;
  /** How many of the most probable classes are listed; one, without a list, unless said. */
  readonly top?: number;
}

/**
 * The line of JSON for a result: {"file", "class", "probabilities": {class: probability}}, "class" being null for none of the classes, and
 * with "labels", a list, in place of "class" where an image may have several; {"file", "values": {name: number}}; or {"file", "error"}.
 */
export function predictJson(result: FileResult, { kind, top }: Predicted): string {
  if ("error" in result) return JSON.stringify({ file: result.file, error: result.error });
  if ("values" in result) return JSON.stringify({ file: result.file, values: result.values });
  const { file, predictions } = result;
  const probabilities = Object.fromEntries(predictions.slice(0, top).map((prediction) => [prediction.class, prediction.probability]));
  if (kind === "multi")
    return JSON.stringify({ file, labels: presentIn(predictions).map((prediction) => prediction.class), probabilities });
  const [first] = predictions;
  return JSON.stringify({ file, class: first?.present === false ? null : first?.class, probabilities });
}

/** The columns file, class and probability (or labels, or one for each number), wide enough for all that may come: rows are printed before the last file is read. */
export function predictColumns(files: readonly string[], { kind, names, mayBeNone, top }: Predicted): readonly Column[] {
  const widest = (texts: readonly string[], least: number): number =>
    texts.reduce((width, text) => Math.max(width, printable(text).length), least);
  const file: Column = { align: "left", width: widest(files, "file".length) };
  if (kind === "continuous") return [file, ...names.map((name): Column => ({ align: "right", width: widest([name], 8) }))];
  if (kind === "multi" || top !== undefined) return [file, { align: "left", width: 0 }];
  return [
    file,
    { align: "left", width: widest(mayBeNone ? names.map(noneOf) : names, "class".length) },
    { align: "right", width: "probability".length },
  ];
}

/** The head of the table. */
export function predictHead(columns: readonly Column[], { kind, names, top }: Predicted, paint: Paint): string {
  const head = { single: top === undefined ? ["class", "probability"] : ["classes"], multi: ["labels"], continuous: names.map(printable) }[
    kind
  ];
  return paint.dim(tableRow(columns, ["file", ...head]));
}

/** The row of a result: the most probable class, the labels or the numbers, or in their place why the file could not be read. */
export function predictRow(columns: readonly Column[], result: FileResult, { kind, top }: Predicted, paint: Paint): string {
  const file = printable(result.file);
  if ("error" in result) return tableRow(columns, [file, paint.red(printable(result.error))]);
  if ("values" in result)
    return tableRow(columns, [file, ...Object.values(result.values).map((value) => `${Number(value.toPrecision(5))}`)]);
  const listed = (predictions: readonly Prediction[]): string =>
    predictions.map((prediction) => `${printable(prediction.class)} ${percent(prediction.probability)}`).join(", ");
  if (top !== undefined) {
    const none = kind === "single" && result.predictions[0]?.present === false ? [paint.dim("none")] : [];
    return tableRow(columns, [file, [...none, listed(result.predictions.slice(0, top))].join(", ")]);
  }
  if (kind === "single") {
    const { present, probability, class: name } = result.predictions[0] as Prediction;
    return tableRow(columns, [file, present === false ? paint.dim(noneOf(name)) : printable(name), percent(probability)]);
  }
  return tableRow(columns, [file, listed(presentIn(result.predictions)) || paint.dim("none")]);
}

/** What stands in the place of a class for an image of none of them, with the one that it is most like. */
function noneOf(name: string): string {
  return `none (${printable(name)}?)`;
}

/** The labels that an image has. */
export function presentIn(predictions: readonly Prediction[]): readonly Prediction[] {
  return predictions.filter(({ present }) => present);
}
