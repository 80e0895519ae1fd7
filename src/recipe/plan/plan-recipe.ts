// The recipe of a run before it begins: what the user asked for, then what a recipe file says, then what thaw chooses.

import { UsageError } from "../../core/errors.ts";
import type { Facts } from "../choices/choice.ts";
import type { ChosenValues, RecipeChoices, ValueChoiceTable } from "../choices/choice-table.ts";
import { VALUE_CHOICES } from "../choices/value-choices.ts";
import { checkRecipe } from "../file/recipe-file.ts";
import type { Recipe } from "../file/schema.ts";
import { chooseValues } from "./choose-values.ts";
import { cutOf, networksOf, normalizationOf, weightsOf } from "./networks.ts";
import { planStages, type SizeOf } from "./plan-stages.ts";

/** The recipe for data of which `facts` are known. Throws a UsageError for choices that do not go together. */
export function planRecipe(
  given: RecipeChoices,
  file: Recipe | undefined,
  facts: Facts,
  data: Recipe["data"],
  sizeOf: SizeOf,
  table: ValueChoiceTable = VALUE_CHOICES,
): Recipe {
  const { values, why } = chooseValues(given, file && { ...file }, facts, table);
  const { stages, why: whyStages } = planStages(given, file, facts, sizeOf);
  const cut = cutOf(given, file);
  const recipe: Recipe = {
    format: "thaw recipe",
    version: 1,
    ...(values as ChosenValues),
    stages,
    ...(cut !== undefined && { cut }),
    ...normalizationOf(given, file),
    weights: weightsOf(given, networksOf(given, file), file),
    data,
    why: { ...why, ...whyStages },
  };
  if (recipe.balance !== "none" && facts.classCounts.length === 0)
    throw new UsageError(`The balance "${recipe.balance}" needs images with one class each`, "Leave --balance out.");
  if (recipe.views > 0 && (recipe.mix === "cutmix" || recipe.mix === "both"))
    throw new UsageError("CutMix needs images, and with --views the head trains on activations", "Use --mix mixup, or leave --views out.");
  return checkRecipe(recipe, "What was asked for", table);
}
