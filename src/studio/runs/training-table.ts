// The labels of now, as the table that a run learns from.

import { UsageError } from "../../core/errors.ts";
import { splitItems } from "../../data/dataset/items.ts";
import { parseTable } from "../../data/sources/table.ts";
import { HELD_OUT, isDivided } from "../session/parts.ts";
import type { StudioSession } from "../session/session.ts";
import { LABELS_FILE } from "./run-file.ts";

/** The seed that draws the photographs to validate on. */
const SEED = 42;
/** Of each class: one to learn from and one to check on. */
const LEAST = 2;

export interface TrainingTable {
  /** CSV with a header: names and labels. */
  readonly csv: string;
  /** The rows to validate on. */
  readonly valid: readonly number[];
}

/**
 * All photographs with a label that can be read, but those of a folder of test images. Which ones are validated on depends on their names alone,
 * so that runs can be compared. Throws a UsageError for fewer than two classes, and for a class of one photograph.
 */
export function trainingTable(session: Pick<StudioSession, "table" | "labelOf">): TrainingTable {
  const { table } = session;
  const rows = [...table.ids()].flatMap((id) => {
    const label = session.labelOf(id);
    const facts = table.facts(id);
    const name = table.name(id);
    const { part } = table.placeOf(name);
    return label === undefined || part === "test" || (facts && "error" in facts) ? [] : [{ id, name, text: label, part }];
  });
  const classes = [...new Set(rows.map(({ text }) => text))];
  if (classes.length < 2)
    throw new UsageError(
      classes.length === 0 ? "There are no labels to learn from" : `All labels are "${classes[0]}", and at least two classes are needed`,
      "Label some photographs of two classes.",
    );
  const lonely = classes.find((name) => rows.filter(({ text }) => text === name).length < LEAST);
  if (lonely !== undefined)
    throw new UsageError(
      `The class "${lonely}" has only one photograph, which cannot be both learnt from and checked on`,
      "Label another one of it, or take the class away.",
    );
  const csv = [["name", "label"], ...rows.map(({ name, text }) => [name, text])].map((cells) => cells.map(quoted).join(",")).join("\n");
  const hasOwn = isDivided(rows.map(({ part }) => part));
  const items = rows.map(({ name, text }, row) => ({ file: name, name, label: classes.indexOf(text), row }));
  const valid = hasOwn ? items.filter(({ row }) => rows[row]?.part === "valid") : splitItems(items, HELD_OUT, SEED).valid;
  return { csv: `${csv}\n`, valid: valid.map(({ row }) => row) };
}

/** The labels of a training table, by the photographs' names; undefined if the table is damaged. */
export function labelsIn(csv: Uint8Array): ReadonlyMap<string, string> | undefined {
  try {
    const table = parseTable({ name: LABELS_FILE, bytes: csv });
    return table.header?.length === 2 ? new Map(table.map(([name, label]) => [name as string, label as string])) : undefined;
  } catch {
    return undefined;
  }
}

/** A cell that reads as it is: no spreadsheet opens this table. */
function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
