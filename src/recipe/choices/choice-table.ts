// The table of choices. To add one, add a row to value-choices.ts or plan-choices.ts: the options of `train`, the recipe file, the flags of
// the command, the plan, the printed choices and the table in docs/recipe.md are made from the rows.

import type { PlanChoice, ValueChoice } from "./choice.ts";
import { PLAN_CHOICES } from "./plan-choices.ts";
import { VALUE_CHOICES } from "./value-choices.ts";

/** Rows by the keys of their choices. */
export type ChoiceTable = Readonly<Record<string, PlanChoice | ValueChoice>>;
export type ValueChoiceTable = Readonly<Record<string, ValueChoice>>;

export const CHOICES = { ...PLAN_CHOICES, ...VALUE_CHOICES } as const;

type ValueOf<Row> = Row extends PlanChoice<infer Value> ? Value : never;

/** The choices of a run as a user may make them; thaw makes the others. */
export type RecipeChoices = { readonly [Key in keyof typeof CHOICES]?: ValueOf<(typeof CHOICES)[Key]> | undefined };

/** The choices as a recipe holds them. */
export type ChosenValues = { readonly [Key in keyof typeof VALUE_CHOICES]: ValueOf<(typeof VALUE_CHOICES)[Key]> };
