// The recipe file: read, checked before anything is done with it, and written.

import { readFile } from "node:fs/promises";
import * as v from "valibot";
import { UsageError } from "../../core/errors.ts";
import { writeFile } from "../../core/files.node.ts";
import { systemCode } from "../../core/system-error.ts";
import type { ValueChoiceTable } from "../choices/table.ts";
import { VALUE_CHOICES } from "../choices/value-choices.ts";
import { type Recipe, recipeSchema } from "./schema.ts";

export const RECIPE_FILE = "recipe.json";

/** Reads and checks a recipe file; undefined if there is none. Throws a UsageError that names what is wrong with it. */
export async function readRecipe(file: string): Promise<Recipe | undefined> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return undefined;
    throw new UsageError(`Cannot read the recipe ${file}`, "Give the recipe.json of a model's folder.", { cause: error });
  });
  return text === undefined ? undefined : checkRecipe(parse(text, file), file);
}

/** Writes a recipe file whole. */
export async function writeRecipe(file: string, recipe: Recipe): Promise<void> {
  await writeFile(file, `${JSON.stringify(recipe, undefined, 2)}\n`);
}

/** Returns `recipe` if it is one. Throws a UsageError that says what is wrong with it, naming `file`. */
export function checkRecipe(recipe: unknown, file: string, table: ValueChoiceTable = VALUE_CHOICES): Recipe {
  const result = v.safeParse(recipeSchema(table), recipe);
  if (result.success) return result.output as Recipe;
  const [issue] = result.issues;
  const place = v.getDotPath(issue);
  throw new UsageError(`${file} is not a recipe of this version of thaw: ${place ? `${place}: ` : ""}${issue.message}`, HINT);
}

const HINT = "Give the recipe.json that a run left in its model's folder; docs/recipe.md describes its fields.";

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${file} is not JSON`, HINT, { cause: error });
  }
}
