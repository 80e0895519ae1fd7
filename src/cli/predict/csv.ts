// What `thaw predict --csv` prints: one row for each file. Pure functions.

import type { Prediction } from "../../classifier/classifier.ts";
import type { Values } from "../../classifier/regressor.ts";
import { csvLine } from "../../core/csv-line.ts";
import type { TargetKind } from "../../data/dataset/targets.ts";
import { type Answer, answerIn, type Predicted, type PredictedFile, presentIn } from "./lines.ts";

/** What a cell holds; null where a row has nothing. */
export type Cell = string | number | null;
export type CellKind = "text" | "number";

/** How the answers of a kind of model stand in a table. */
interface KindCells<A extends Answer> {
  head(predicted: Predicted): readonly string[];
  /** Of the column of this index: what its cells hold. */
  kind(column: number): CellKind;
  cells(answer: A, predicted: Predicted): readonly (string | number)[];
}

const CELLS = {
  single: {
    head: ({ top }) =>
      top === undefined
        ? ["class", "probability"]
        : Array.from({ length: top }, (_, i) => [`class ${i + 1}`, `probability ${i + 1}`]).flat(),
    kind: (column) => (column % 2 === 0 ? "text" : "number"),
    cells(predictions, { top }) {
      const [first] = predictions as readonly [Prediction, ...Prediction[]];
      const best = [top === undefined && first.present === false ? "" : first.class, first.probability];
      return [...best, ...predictions.slice(1, top ?? 1).flatMap((each) => [each.class, each.probability])];
    },
  } satisfies KindCells<readonly Prediction[]>,
  multi: {
    head: ({ names }) => ["labels", ...names],
    kind: (column) => (column === 0 ? "text" : "number"),
    cells(predictions, { names }) {
      const of = new Map(predictions.map((each) => [each.class, each.probability]));
      const labels = presentIn(predictions).map((each) => each.class);
      return [labels.join(separatorFor(names)), ...names.map((name) => of.get(name) as number)];
    },
  } satisfies KindCells<readonly Prediction[]>,
  continuous: {
    head: ({ names }) => names,
    kind: () => "number",
    cells: (values, { names }) => names.map((name) => values.get(name) as number),
  } satisfies KindCells<Values>,
} satisfies Record<TargetKind, unknown>;

function cellsOf({ kind }: Predicted): KindCells<Answer> {
  return CELLS[kind] as KindCells<Answer>;
}

/**
 * The names of the columns: "file"; "class" and "probability" (with `top` "class 1", "probability 1", "class 2", …), or "labels" and the
 * probability of each, or the numbers; "error".
 */
export function csvHead(predicted: Predicted): string {
  return csvLine(["file", ...cellsOf(predicted).head(predicted), "error"]);
}

/** The row of a result. The class of an image of none of them is empty; labels are separated by spaces or, if names have spaces, by ";". */
export function csvRow(result: PredictedFile, predicted: Predicted): string {
  const { head, cells } = cellsOf(predicted);
  if ("error" in result) return csvLine([result.file, ...head(predicted).map(() => ""), result.error]);
  return csvLine([result.file, ...cells(answerIn(result), predicted), ""]);
}

/** The columns of csvHead, with what they hold. */
export function tableHead(predicted: Predicted): readonly { readonly name: string; readonly kind: CellKind }[] {
  const { head, kind } = cellsOf(predicted);
  const columns = head(predicted).map((name, i) => ({ name, kind: kind(i) }));
  return [{ name: "file", kind: "text" }, ...columns, { name: "error", kind: "text" }];
}

/** The cells of csvRow as they are: what is empty there is null. */
export function tableCells(result: PredictedFile, predicted: Predicted): readonly Cell[] {
  const { head, cells } = cellsOf(predicted);
  if ("error" in result) return [result.file, ...head(predicted).map(() => null), result.error];
  return [result.file, ...cells(answerIn(result), predicted).map((cell) => (cell === "" ? null : cell)), null];
}

/** What separates the labels of a cell: the first of these that is in no name. */
function separatorFor(names: readonly string[]): string {
  return [" ", ";", "|"].find((mark) => !names.some((name) => name.includes(mark))) ?? "\t";
}
