import { expect, test } from "vitest";
import type { Recipe } from "../file/schema.ts";
import { planRecipe } from "./plan-recipe.ts";
import { shownChoices } from "./shown-choices.ts";

const data: Recipe["data"] = { fingerprint: "f", classes: 2, train: 100, valid: 50 };
const plan = (given: Parameters<typeof planRecipe>[0], file?: Recipe) =>
  planRecipe(given, file, { train: 100, classCounts: [50, 50], cores: 2 }, data, () => 64);
const titles = (recipe: Recipe) => shownChoices(recipe).map(({ title }) => title);

test("what matters in a stage alone is printed if the run has that stage", () => {
  const ofUnfreeze = ["batch norm", "freezeTo", "lrFactor", "microBatch"];
  const [few, all] = [plan({}), plan({ stages: ["precompute", "unfreeze"] })];
  expect(titles(few)).not.toContain("batch norm");
  expect(titles(all)).toContain("batch norm");
  // Of a recipe file all is printed that has an effect.
  expect(titles(plan({}, few)).filter((title) => ofUnfreeze.includes(title))).toEqual([]);
  expect(titles(plan({}, all)).filter((title) => ofUnfreeze.includes(title))).toEqual(ofUnfreeze);
  // What the user asked for is always printed.
  expect(titles(plan({ bnFreeze: false, freezeTo: 2 })).filter((title) => ofUnfreeze.includes(title))).toEqual(["batch norm", "freezeTo"]);
});
