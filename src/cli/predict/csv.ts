// What `thaw predict --csv` prints: one row for each file, quoted as RFC 4180 says. Pure functions.

import type { Prediction } from "../../classifier/classifier.ts";
import { type FileResult, type Predicted, presentIn } from "./lines.ts";

/**
 * The names of the columns: "file"; "class" and "probability" (with `top` "class 1", "probability 1", "class 2", …), or "labels" and the
 * probability of each, or the numbers; "error".
 */
export function csvHead({ kind, names, top }: Predicted): string {
  const answer = {
    single:
      top === undefined
        ? ["class", "probability"]
        : Array.from({ length: top }, (_, i) => [`class ${i + 1}`, `probability ${i + 1}`]).flat(),
    multi: ["labels", ...names],
    continuous: names,
  }[kind];
  return row(["file", ...answer, "error"]);
}

/** The row of a result. The class of an image of none of them is empty; labels are separated by spaces, as in a table to train on. */
export function csvRow(result: FileResult, predicted: Predicted): string {
  const { kind, names, top } = predicted;
  if ("error" in result) {
    const width = { single: 2 * (top ?? 1), multi: 1 + names.length, continuous: names.length }[kind];
    return row([result.file, ...Array<string>(width).fill(""), result.error]);
  }
  if ("values" in result) return row([result.file, ...names.map((name) => `${result.values[name]}`), ""]);
  const { file, predictions } = result;
  if (kind === "multi") {
    const of = new Map(predictions.map((each) => [each.class, each.probability]));
    return row([
      file,
      presentIn(predictions)
        .map((each) => each.class)
        .join(" "),
      ...names.map((name) => `${of.get(name)}`),
      "",
    ]);
  }
  const [first] = predictions as readonly [Prediction, ...Prediction[]];
  const best = [top === undefined && first.present === false ? "" : first.class, `${first.probability}`];
  const others = predictions.slice(1, top ?? 1).flatMap((each) => [each.class, `${each.probability}`]);
  return row([file, ...best, ...others, ""]);
}

function row(cells: readonly string[]): string {
  return cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(",");
}
