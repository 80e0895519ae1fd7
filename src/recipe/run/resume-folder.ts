// The folder of a run that is not over: its recipe as far as it is decided, and a checkpoint of each stage. A run that is killed leaves it
// there; one that ends takes it away.

import { access, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { UsageError } from "../../core/errors.ts";
import { writeFile } from "../../core/files.node.ts";
import type { LrFinderResult } from "../../learner/lr-find/finder.ts";
import { RECIPE_FILE, readRecipe, writeRecipe } from "../file/recipe-file.ts";
import type { Recipe, StagePlan } from "../file/schema.ts";

/** The finder's curve, as it is kept. */
export type Curve = Pick<LrFinderResult, "lrs" | "losses" | "suggestions">;

export interface Unfinished {
  readonly folder: string;
  /** The recipe of the run that was stopped here; undefined where none was. */
  readonly recipe: Recipe | undefined;
  /** The checkpoint of stage `index` (from 0). */
  checkpoint(index: number, stage: StagePlan): string;
  /** Whether stage `index` has a checkpoint. */
  begun(index: number, stage: StagePlan): Promise<boolean>;
  keepRecipe(recipe: Recipe): Promise<void>;
  keepCurve(index: number, stage: StagePlan, curve: Curve): Promise<void>;
  /** The curve that was kept; undefined where no rate was looked for. */
  curve(index: number, stage: StagePlan): Promise<Curve | undefined>;
  remove(): Promise<void>;
}

/** The place of the run whose model goes to `model`. */
export async function openUnfinished(model: string): Promise<Unfinished> {
  const folder = unfinishedFolder(model);
  const file = join(folder, RECIPE_FILE);
  const named = (index: number, { name }: StagePlan, what: string): string => join(folder, `${index + 1}-${name}.${what}`);
  return {
    folder,
    recipe: await readRecipe(file),
    checkpoint: (index, stage) => named(index, stage, "safetensors"),
    begun: (index, stage) =>
      access(named(index, stage, "safetensors")).then(
        () => true,
        () => false,
      ),
    keepRecipe: (recipe) => writeRecipe(file, recipe),
    keepCurve: (index, stage, { lrs, losses, suggestions }) =>
      writeFile(named(index, stage, "finder.json"), JSON.stringify({ lrs, losses, suggestions })),
    curve: async (index, stage) => {
      const text = await readFile(named(index, stage, "finder.json"), "utf8").catch(() => undefined);
      return text === undefined ? undefined : (JSON.parse(text) as Curve);
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Where the unfinished run of a model lies: beside it. */
export function unfinishedFolder(model: string): string {
  return `${model}.unfinished`;
}

/**
 * Throws a UsageError where `recipe` is not the one that the stopped run `before` began with, or its photographs are others. `limited` is for runs
 * whose time is, and whose stages may have been shortened.
 */
export function checkSameRun(before: Recipe, recipe: Recipe, limited: boolean): void {
  if (before.data.fingerprint !== recipe.data.fingerprint)
    throw new UsageError(
      "The photographs, or their labels, have changed since the run was stopped, so it cannot be gone on with",
      "Run without --resume to begin anew, or put the photographs back as they were.",
    );
  const decided: readonly string[] = limited ? ["why", "stages", "tta"] : ["why"];
  const keys = Object.keys({ ...before, ...recipe }) as (keyof Recipe)[];
  const other = keys.find((key) => !decided.includes(key) && JSON.stringify(before[key]) !== JSON.stringify(recipe[key]));
  if (other !== undefined)
    throw new UsageError(
      `The run that was stopped has ${show(before, other)}, and not ${show(recipe, other)}`,
      "Give --resume the same settings, or run without it to begin anew.",
    );
}

function show(recipe: Recipe, key: keyof Recipe): string {
  if (recipe[key] === undefined) return `no ${key}`;
  return key === "stages" || key === "weights" ? `the ${key} ${JSON.stringify(recipe[key])}` : `${key} ${recipe[key]}`;
}
