// Everything that is said about a choice comes from its row: an option is added to a copy of the table, and is an option everywhere.

import { readFileSync } from "node:fs";
import { Command } from "commander";
import { describe, expect, expectTypeOf, test } from "vitest";
import { addChoices, choicesOf } from "../../cli/train/choices.ts";
import type { TrainOptions } from "../../index.ts";
import { checkRecipe } from "../file/recipe-file.ts";
import type { Recipe } from "../file/schema.ts";
import { planRecipe } from "../plan/plan-recipe.ts";
import { shownChoices } from "../plan/shown-choices.ts";
import { type Facts, valueChoice } from "./choice.ts";
import { CHOICES, type ChoiceTable, type RecipeChoices } from "./choice-table.ts";
import { VALUE_CHOICES } from "./value-choices.ts";
import { numbers, type ValueKind } from "./values.ts";

const page = new URL("../../../docs/recipe.md", import.meta.url);
const facts: Facts = { train: 200, classCounts: [100, 100], cores: 2 };
const data: Recipe["data"] = { fingerprint: "f", classes: 2, train: 200, valid: 50 };

/** The table of the documentation. */
function documented(table: ChoiceTable): string {
  const rows = Object.entries(table).map(([key, { value, flags, documentation }]) => {
    const names = flags.map(({ name }) => `\`--${name}\``).join(", ");
    const words = value.kind === "word" ? ` ${value.words.map((each) => `\`${each}\``).join(", ")}` : "";
    return `| ${documentation.title} | ${documentation.chosen} | ${names}${words} | \`${key}\` |`;
  });
  return ["| choice | thaw's | flag | in programs |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

test("the documentation's table of choices is that of the rows; vitest -u writes it", async () => {
  const [before = "", , after = ""] = readFileSync(page, "utf8").split(/(?<=\n)(\| choice \|(?:.*\n\|)*.*)/);
  await expect(`${before}${documented(CHOICES)}${after}`).toMatchFileSnapshot(page.pathname);
});

test("whatever a flag accepts is a recipe", () => {
  for (const [key, row] of Object.entries(VALUE_CHOICES) as [string, ChoiceTable[string]][])
    for (const { value = row.value } of row.flags)
      for (const extreme of extremesOf(value))
        expect(() => planRecipe({ [key]: extreme }, undefined, facts, data, () => 160), `${key} ${extreme}`).not.toThrow();
});

/** The least and the largest value of `kind`, or all words. */
function extremesOf(kind: ValueKind): readonly unknown[] {
  switch (kind.kind) {
    case "integer":
      return [kind.least, kind.most ?? Number.MAX_SAFE_INTEGER];
    case "number":
      return [kind.least, kind.most ?? 1e30];
    case "word":
      return kind.words;
    case "boolean":
      return [true, false];
    default:
      return [];
  }
}

describe("an option that is added to the table", () => {
  const gradientClip = valueChoice({
    value: numbers(0, { below: 100 }),
    flags: [{ name: "gradient-clip", argument: "norm", help: "largest norm of a gradient (default: 5)", value: numbers(0, { most: 50 }) }],
    choose: ({ train }) => ({ value: train < 1000 ? 5 : 10, reason: "few images" }),
    shown: { when: "always", title: "gradients", words: (norm) => `up to ${norm}` },
    documentation: { title: "gradients", chosen: "cut off at 5" },
  });
  const values = { ...VALUE_CHOICES, gradientClip };
  const table = { ...CHOICES, gradientClip };
  const plan = (given: RecipeChoices, file?: Recipe) => planRecipe(given, file, facts, data, () => 160, values);
  const valueOf = (recipe: Recipe) => (recipe as Recipe & { gradientClip?: number }).gradientClip;
  const given = (...words: readonly string[]) => {
    const command = addChoices(new Command("train").exitOverride(), "choices", table);
    return choicesOf(command.parse(words, { from: "user" }).opts(), table);
  };

  test("is a flag of the command, with its help", () => {
    const help = addChoices(new Command("train"), "choices", table).helpInformation().replace(/\s+/g, " ");
    expect(help).toContain("--gradient-clip <norm> largest norm of a gradient (default: 5)");
    expect(given("--gradient-clip", "7.5")).toEqual({ gradientClip: 7.5 });
    expect(() => given("--gradient-clip", "51")).toThrow('Expected a number from 0 to 50 for --gradient-clip but received "51"');
  });

  test("is what the user asked for, then what the file says, then what thaw chooses, each with its reason", () => {
    const chosen = plan({});
    const asked = plan(given("--gradient-clip", "7.5"));
    const repeated = plan({}, asked);
    expect([chosen, asked, repeated].map((recipe) => [valueOf(recipe), recipe.why.gradientClip])).toEqual([
      [5, "few images"],
      [7.5, "as asked"],
      [7.5, "from the recipe file"],
    ]);
    expect(valueOf(plan(given("--gradient-clip", "2"), asked))).toBe(2);
  });

  test("is a field of the recipe file, which is checked", () => {
    const recipe = plan({});
    expect(checkRecipe(JSON.parse(JSON.stringify(recipe)), "recipe.json", values)).toEqual(recipe);
    expect(() => checkRecipe({ ...recipe, gradientClip: 100 }, "recipe.json", values)).toThrow("gradientClip: Invalid value");
    expect(() => checkRecipe(recipe, "recipe.json")).toThrow('gradientClip: Invalid key: Expected never but received "gradientClip"');
  });

  test("is printed with its reason", () => {
    expect(shownChoices(plan({}), values)).toContainEqual({ title: "gradients", value: "up to 5", reason: "few images" });
  });

  test("is in the documentation's table", () => {
    expect(documented(table).split("\n").at(-1)).toBe("| gradients | cut off at 5 | `--gradient-clip` | `gradientClip` |");
  });
});

test("every choice is an option of a run, and every value is in its recipe", () => {
  expectTypeOf<keyof typeof CHOICES>().toExtend<keyof TrainOptions>();
  expectTypeOf<keyof typeof VALUE_CHOICES>().toExtend<keyof Recipe>();
  expect(Object.keys(planRecipe({}, undefined, facts, data, () => 160))).toEqual([
    "format",
    "version",
    ...Object.keys(VALUE_CHOICES),
    "stages",
    "weights",
    "data",
    "why",
  ]);
});
