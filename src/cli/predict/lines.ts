// What `thaw predict` prints for each file: a row of a table, or one line of JSON. Pure functions.

import stringWidth from "fast-string-width";
import type { FilePrediction, Prediction } from "../../classifier/classifier.ts";
import type { FileValues, Values } from "../../classifier/regressor.ts";
import type { TargetKind } from "../../data/dataset/targets.ts";
import { jsonLine, printable } from "../shared/printable.ts";
import { type Column, fitColumns, tableRow } from "../shared/table.ts";
import { type Paint, percent } from "../shared/terminal.ts";

/** What became of one file, with a model of any kind. */
export type PredictedFile = FilePrediction | FileValues;

/** What a model predicts: the one class of an image, its labels, or numbers; and what these are called. */
export interface Predicted {
  readonly kind: TargetKind;
  readonly names: readonly string[];
  /** Whether an image may be of none of the classes. */
  readonly mayBeNone?: boolean;
  /** For numbers: the standard deviation of each in training, which says how many digits are worth printing; default five in all. */
  readonly deviations?: readonly number[];
  /** How many of the most probable classes are listed; default one, without a list. */
  readonly top?: number;
}

/** The answer of a model: predictions, the most probable first, or numbers. */
export type Answer = readonly Prediction[] | Values;

/** How the answers of a kind of model are printed. */
interface KindLines<A extends Answer> {
  /** What a line of JSON says beside the file; a Map is written as an object in its order. */
  json(answer: A, predicted: Predicted): Readonly<Record<string, unknown>>;
  /** The columns beside the file's; `widest` gives the width of the widest text, or a least one. */
  columns(predicted: Predicted, widest: (texts: readonly string[], least: number) => number): readonly Column[];
  head(predicted: Predicted): readonly string[];
  cells(answer: A, predicted: Predicted, paint: Paint): readonly string[];
}

/** Lists of classes take what is left of a line, and at least this. */
const LIST: Column = { align: "left", width: 24 };

const LINES = {
  single: {
    json: (predictions, { top }) => ({
      class: predictions[0]?.present === false ? null : predictions[0]?.class,
      ...(predictions[0]?.distance !== undefined && { distance: predictions[0].distance }),
      probabilities: probabilitiesOf(predictions, top),
    }),
    columns: ({ names, mayBeNone, top }, widest) =>
      top === undefined
        ? [
            { align: "left", width: widest(mayBeNone ? names.map(noneOf) : names, "class".length) },
            { align: "right", width: "probability".length },
          ]
        : [LIST],
    head: ({ top }) => (top === undefined ? ["class", "probability"] : ["classes"]),
    cells(predictions, { top }, paint) {
      const { present, probability, class: name } = predictions[0] as Prediction;
      if (top === undefined) return [present === false ? paint.dim(noneOf(name)) : printable(name), percent(probability)];
      return [[...(present === false ? [paint.dim("none")] : []), listed(predictions.slice(0, top))].join(", ")];
    },
  } satisfies KindLines<readonly Prediction[]>,
  multi: {
    json: (predictions, { top }) => ({
      labels: presentIn(predictions).map((prediction) => prediction.class),
      probabilities: probabilitiesOf(predictions, top),
    }),
    columns: () => [LIST],
    head: () => ["labels"],
    cells: (predictions, { top }, paint) => [
      top === undefined ? listed(presentIn(predictions)) || paint.dim("none") : listed(predictions.slice(0, top)),
    ],
  } satisfies KindLines<readonly Prediction[]>,
  continuous: {
    json: (values) => ({ values }),
    columns: ({ names, deviations }, widest) =>
      names.map((name): Column => ({ align: "right", width: widest([name], deviations ? 12 : 8) })),
    head: ({ names }) => names.map(printable),
    cells: (values, { names, deviations }) => names.map((name, i) => numberText(values.get(name) as number, deviations?.[i])),
  } satisfies KindLines<Values>,
} satisfies Record<TargetKind, unknown>;

function linesOf({ kind }: Predicted): KindLines<Answer> {
  return LINES[kind] as KindLines<Answer>;
}

/** `value` to a thousandth of the deviation's order of magnitude, or to five digits: a Unix time keeps its days, a share its decimals. */
function numberText(value: number, deviation: number | undefined): string {
  if (deviation === undefined || !(deviation > 0)) return `${Number(value.toPrecision(5))}`;
  const decimals = Math.min(20, Math.max(0, 3 - Math.floor(Math.log10(deviation))));
  return `${Number(value.toFixed(decimals))}`;
}

/** The answer of a result that is not an error. */
export function answerIn(result: Exclude<PredictedFile, { readonly error: string }>): Answer {
  return "values" in result ? result.values : result.predictions;
}

/**
 * The line of JSON for a result: {"file", "class", "probabilities": {class: probability}}, "class" being null for none of the classes,
 * with "distance" if the model knows how far a photograph lies from them (above 1: none), and
 * with "labels", a list, instead of "class" if an image may have several; {"file", "values": {name: number}}; or {"file", "error"}.
 */
export function predictJson(result: PredictedFile, predicted: Predicted): string {
  if ("error" in result) return jsonLine({ file: result.file, error: result.error });
  return jsonInOrder(
    new Map<string, unknown>(Object.entries({ file: result.file, ...linesOf(predicted).json(answerIn(result), predicted) })),
  );
}

/** The JSON of a map and the maps in it: an object would put names that are whole numbers before all others. */
function jsonInOrder(map: ReadonlyMap<string, unknown>): string {
  const members = [...map].map(([name, value]) => `${jsonLine(name)}:${value instanceof Map ? jsonInOrder(value) : jsonLine(value)}`);
  return `{${members.join(",")}}`;
}

/**
 * The columns file, class and probability (or labels, or one for each number), wide enough for all that may come, because rows are printed
 * before the last file is read, but no wider than `paint.width`. Undefined if the terminal is too narrow for columns.
 */
export function predictColumns(files: readonly string[], predicted: Predicted, paint: Paint): readonly Column[] | undefined {
  const widest = (texts: readonly string[], least: number): number =>
    texts.reduce((width, text) => Math.max(width, stringWidth(printable(text))), least);
  const fitted = fitColumns(
    [{ align: "left", width: widest(files, "file".length) }, ...linesOf(predicted).columns(predicted, widest)],
    paint.width,
  );
  return fitted?.at(-1)?.align === "left" ? withRest(fitted.slice(0, -1), paint) : fitted;
}

/** `columns` and one of texts, as wide as the terminal allows. */
function withRest(columns: readonly Column[], paint: Paint): readonly Column[] {
  return [...columns, { align: "left", width: paint.width - columns.reduce((sum, { width }) => sum + width + 2, 0) }];
}

/** The head of the table. */
export function predictHead(columns: readonly Column[] | undefined, predicted: Predicted, paint: Paint): string[] {
  return columns ? tableRow(columns, ["file", ...linesOf(predicted).head(predicted)]).map(paint.dim) : [];
}

/**
 * The lines of a result: the file, and the most probable class, the labels or the numbers, or in their place why the file could not be read.
 * Without columns the answer is below the file.
 */
export function predictRow(columns: readonly Column[] | undefined, result: PredictedFile, predicted: Predicted, paint: Paint): string[] {
  const cells = "error" in result ? [paint.red(printable(result.error))] : linesOf(predicted).cells(answerIn(result), predicted, paint);
  if (!columns) return [printable(result.file), `  ${cells.join("  ")}`];
  return tableRow("error" in result ? withRest(columns.slice(0, 1), paint) : columns, [printable(result.file), ...cells]);
}

function probabilitiesOf(predictions: readonly Prediction[], top: number | undefined): ReadonlyMap<string, number> {
  return new Map(predictions.slice(0, top).map((prediction) => [prediction.class, prediction.probability]));
}

function listed(predictions: readonly Prediction[]): string {
  return predictions.map((prediction) => `${printable(prediction.class)} ${percent(prediction.probability)}`).join(", ");
}

/** What stands in the place of a class for an image of none of them, with the one that it is most like. */
function noneOf(name: string): string {
  return `none (${printable(name)}?)`;
}

/** The labels that an image has. */
export function presentIn(predictions: readonly Prediction[]): readonly Prediction[] {
  return predictions.filter(({ present }) => present);
}
