// The recipe file: read, checked before anything is done with it, and written.

import * as v from "valibot";
import { UsageError } from "../../core/errors.ts";
import { parseJson } from "../../core/json.ts";
import type { ReadableFile, Store, StoredFile } from "../../core/store/store.ts";
import { storedFileOf } from "../../core/store/store-of.ts";
import type { ValueChoiceTable } from "../choices/choice-table.ts";
import { VALUE_CHOICES } from "../choices/value-choices.ts";
import { type Recipe, recipeSchema } from "./schema.ts";

/** The recipe's key in the stores of models and of runs that can be resumed. */
export const RECIPE_FILE = "recipe.json";

/** Reads and checks a recipe; undefined if there is none in `file`. Throws a UsageError that names what is wrong with it. */
export function readRecipe(file: string | StoredFile): Promise<Recipe | undefined> {
  return storedRecipe(storedFileOf(file));
}

/** Reads and checks a stored recipe, as readRecipe does. */
export async function storedRecipe({ store, key }: ReadableFile): Promise<Recipe | undefined> {
  const file = store.locate(key);
  const bytes = await store.get(key).catch((error: unknown) => {
    throw new UsageError(`Cannot read the recipe ${file}`, "Give the recipe.json of a model's folder.", { cause: error });
  });
  return (
    bytes &&
    checkRecipe(
      parseJson(bytes, LIMITS, (reason, cause) => new UsageError(`${file} ${reason}`, HINT, { cause })),
      file,
    )
  );
}

/** Writes the recipe of a model, or of a run that can be resumed. */
export async function writeRecipe(store: Store, recipe: Recipe): Promise<void> {
  await store.put(RECIPE_FILE, `${JSON.stringify(recipe, undefined, 2)}\n`);
}

/** Returns `recipe` if it is one. Throws a UsageError that says what is wrong with it, naming `file`. */
export function checkRecipe(recipe: unknown, file: string, table: ValueChoiceTable = VALUE_CHOICES): Recipe {
  const result = v.safeParse(recipeSchema(table), recipe);
  if (result.success) return result.output as Recipe;
  const [issue] = result.issues;
  const place = v.getDotPath(issue);
  throw new UsageError(`${file} is not a recipe of this version of thaw: ${place ? `${place}: ` : ""}${issue.message}`, HINT);
}

/** A recipe has a few kilobytes, and some more for many stages. */
const LIMITS = { bytes: 4_000_000, values: 100_000 };
const HINT = "Give the recipe.json that a run left in its model's folder; docs/recipe.md describes its fields.";
