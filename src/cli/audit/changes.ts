// The list of changes that `thaw audit --list` writes and `--apply` makes: a table in which a person decides about each photograph.

import { parse } from "csv-parse/sync";
import { cellText, csvLine } from "../../core/csv-line.ts";
import { UsageError } from "../../core/errors.ts";
import type { CleaningStep, LabelChange } from "../../interpret/clean/clean.node.ts";
import type { SuspectLabel } from "../../interpret/data-problems.ts";
import { printable } from "../shared/printable.ts";
import { table } from "../shared/table.ts";
import { type Paint, quantity } from "../shared/terminal.ts";

const COLUMNS = ["file", "label", "suggested", "doubt", "likely wrong", "change"] as const;

/** The table of `labels` with an empty column for the changes. */
export function changesCsv(labels: readonly SuspectLabel[]): string {
  const rows = labels.map(({ file, given, suggested, score, likely }) =>
    csvLine([file, given, suggested, Number(score.toFixed(3)), likely ? "yes" : "", ""]),
  );
  return `${[csvLine(COLUMNS), ...rows].join("\n")}\n`;
}

/** The changes in a table; rows without one are left out. Throws a UsageError for a text that is no such table. */
export function readChanges(text: string, name: string): readonly LabelChange[] {
  let rows: Record<string, string>[];
  try {
    rows = parse(text, { columns: true, bom: true, skip_empty_lines: true });
  } catch (error) {
    throw new UsageError(`${name} is not a table of changes: ${(error as Error).message}`, LIST_HINT, { cause: error });
  }
  if (rows.some(({ file, change }) => file === undefined || change === undefined))
    throw new UsageError(`${name} has no columns "file" and "change"`, LIST_HINT);
  return rows.flatMap(({ file = "", change = "" }) =>
    change.trim() === "" ? [] : [{ file: cellText(file), change: cellText(change.trim()) }],
  );
}

const LIST_HINT = 'Write a list with "thaw audit <folder> --list changes.csv", and fill its column "change".';

/** What was done, or what would be. */
export function cleaningLines(steps: readonly CleaningStep[], done: boolean, removed: string, paint: Paint): string[] {
  if (steps.length === 0) return ['The list has no changes: write the right class, or "delete", into its column "change".'];
  const rows = steps.map(({ change }) => [printable(change.file), printable(change.change)]);
  const gone = steps.some(({ change }) => change.change === "delete") ? ` What is deleted is kept in ${printable(removed)}.` : "";
  return [
    ...table(["left", "left"], rows, paint, { head: ["file", "change"] }),
    "",
    done
      ? `Made ${quantity(steps.length, "change")}.${gone}`
      : `Nothing was changed. --yes makes ${quantity(steps.length, "change")}.${gone}`,
  ];
}
