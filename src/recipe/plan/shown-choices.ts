// The choices of a recipe in words, as a run prints them.

import type { ValueChoiceTable } from "../choices/choice-table.ts";
import { epochsOf } from "../choices/epochs.ts";
import { VALUE_CHOICES } from "../choices/value-choices.ts";
import type { Recipe, StagePlan } from "../file/schema.ts";
import { ASKED } from "./choose-values.ts";

/** A choice with its value in words, and the reason if there is one. */
export interface ShownChoice {
  readonly title: string;
  readonly value: string;
  readonly reason: string | undefined;
}

/** The choices that depend on the photographs, then those with fixed defaults that the user or the recipe file made. */
export function shownChoices(recipe: Recipe, table: ValueChoiceTable = VALUE_CHOICES): readonly ShownChoice[] {
  const { stages, why } = recipe;
  const names = [...new Set(stages.map(({ name }) => name))];
  const epochs = names.map((name) => epochsOf(stages.find((stage) => stage.name === name) as StagePlan)).join(" + ");
  const rows = (when: "always" | "asked"): readonly ShownChoice[] =>
    Object.entries(table).flatMap(([key, { shown }]) => {
      if (shown.when !== when || (when === "asked" && why[key] === undefined)) return [];
      // What was asked for is shown even if no stage of the run heeds it.
      if (shown.stage && !names.includes(shown.stage) && why[key] !== ASKED) return [];
      const value = recipe[key as keyof Recipe];
      return [{ title: shown.title ?? key, value: shown.words?.(value) ?? `${value}`, reason: why[key] }];
    });
  const sizes = [...new Set(stages.map(({ size }) => size))].join(" and ");
  const row = (title: "stages" | "size", value: string) => (why[title] === undefined ? [] : [{ title, value, reason: why[title] }]);
  return [
    ...row("stages", names.join(" + ")),
    ...row("size", `${sizes} pixels`),
    { title: "epochs", value: epochs, reason: why.epochs },
    ...rows("always"),
    ...rows("asked"),
  ];
}
