// Who decides on a value: the user, then the recipe file, then thaw.

import type { Facts } from "../choices/choice.ts";
import type { RecipeChoices, ValueChoiceTable } from "../choices/choice-table.ts";

/** The reasons for what thaw did not choose itself. */
export const [ASKED, FROM_FILE] = ["as asked", "from the recipe file"];

/** The values of all choices in `table`, with the reasons for those that have one. */
export function chooseValues(
  given: RecipeChoices,
  file: Readonly<Record<string, unknown>> | undefined,
  facts: Facts,
  table: ValueChoiceTable,
): { values: Readonly<Record<string, unknown>>; why: Readonly<Record<string, string>> } {
  const values: Record<string, unknown> = {};
  const why: Record<string, string> = {};
  for (const [key, row] of Object.entries(table)) {
    const asked = (given as Readonly<Record<string, unknown>>)[key];
    const chosen = row.choose(facts, values);
    values[key] = asked ?? row.implied?.(given, values) ?? file?.[key] ?? chosen.value;
    const reason = asked !== undefined ? ASKED : file ? FROM_FILE : chosen.reason;
    if (reason !== undefined && row.explained !== false) why[key] = reason;
  }
  return { values, why };
}
