// Which column of a list holds the names.

import { UsageError } from "../../core/errors.ts";

/** What a column is asked for by: a name that it must have, or names that it may have. */
export interface WantedColumn {
  readonly must: boolean;
  readonly names: readonly string[];
}

/** `column`, or the usual names. */
export function columnNames(column: string | undefined): WantedColumn {
  return column === undefined ? { must: false, names: ["file", "path", "address", "url"] } : { must: true, names: [column] };
}

/** The index of the wanted column among `header`: 0 if none must be there. Throws a UsageError that lists them. */
export function columnIn(header: readonly string[], { must, names }: WantedColumn, list: string): number {
  const lower = header.map((each) => each.trim().toLowerCase());
  for (const name of names) {
    const exact = header.indexOf(name);
    const found = exact >= 0 ? exact : lower.indexOf(name.toLowerCase());
    if (found >= 0) return found;
  }
  if (!must && header.length > 0) return 0;
  throw new UsageError(`${list} has no column "${names[0]}"`, `It has: ${header.slice(0, 20).join(", ")}.`);
}
