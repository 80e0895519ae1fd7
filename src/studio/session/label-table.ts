// Labels as a table, for spreadsheets and for other programs, and from one.

import { cellText, csvLine } from "../../core/csv-line.ts";
import { UsageError } from "../../core/errors.ts";
import { parseTable } from "../../data/sources/table.ts";
import { checkedClassName } from "../labels/class-name.ts";
import type { LabelState } from "../labels/label-state.ts";
import type { PhotoId } from "../protocol/photographs.ts";
import type { PhotoLabel } from "./labelled-photos.ts";
import type { PhotoTable } from "./photo-table.ts";

const COLUMNS = ["file", "label"];

/** A table with a row for each photograph that has a label and is not deleted. */
export function labelsCsv(table: PhotoTable, labels: readonly (PhotoLabel | undefined)[]): string {
  const rows = labels.flatMap((found, id) =>
    found && !found.deleted && found.label !== undefined ? [csvLine([table.name(id), found.label])] : [],
  );
  return `${[csvLine(COLUMNS), ...rows].join("\n")}\n`;
}

export interface ReadLabels {
  /** Names and labels of the table's rows that name a photograph. */
  readonly labels: ReadonlyMap<PhotoId, string>;
  readonly unknown: readonly string[];
}

/**
 * The labels in the first two columns of a table, whose first row may name them. A name may be a path in the folder, or the end of one that only
 * one photograph has. Rows without label are left out. Throws a UsageError for a text that is no such table, and for a label that cannot be a class.
 */
export function readLabels(csv: string, table: PhotoTable, state: LabelState): ReadLabels {
  const parsed = parseTable({ name: "The table", bytes: new TextEncoder().encode(csv) }, { header: false });
  if (parsed.cells(0).length < 2)
    throw new UsageError("The table has one column only", "The first column names the photographs, the second has their labels.");
  const byEnd = endsOf(table);
  const labels = new Map<PhotoId, string>();
  const unknown: string[] = [];
  for (let row = 0; row < parsed.rows; row++) {
    const [name = "", label = ""] = parsed.cells(row).map(cellText);
    const id = table.idOf(name) ?? byEnd.get(name);
    if (id === undefined) {
      // The first row may name the columns.
      if (row > 0 && name !== "") unknown.push(name);
      continue;
    }
    if (label !== "") labels.set(id, state.classes.has(label) ? label : checkedClassName(label));
  }
  if (labels.size === 0 && unknown.length > 0)
    throw new UsageError(
      `None of the table's names is that of a photograph of this folder, the first "${unknown[0]}"`,
      'Names are paths in the folder, such as "roses/1.jpg", or file names.',
    );
  return { labels, unknown };
}

/** The photographs by the last parts of their names, as far as only one has them. */
function endsOf(table: PhotoTable): ReadonlyMap<string, PhotoId> {
  const found = new Map<string, PhotoId | undefined>();
  for (const id of table.ids()) {
    const name = table.name(id);
    const end = name.slice(name.lastIndexOf("/") + 1);
    found.set(end, found.has(end) ? undefined : id);
  }
  return new Map([...found].filter((entry): entry is [string, PhotoId] => entry[1] !== undefined));
}
