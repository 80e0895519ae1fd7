// The folder of a run that has not ended: its recipe as far as it is decided, and a checkpoint of each stage. A run that is killed leaves
// the folder; one that ends deletes it.

import * as v from "valibot";
import { UsageError } from "../../core/errors.ts";
import { parseJsonOrNothing } from "../../core/json.ts";
import type { WorkOptions } from "../../core/progress.ts";
import { LOCK } from "../../core/store/lock.ts";
import type { Store, StoredFile } from "../../core/store/store.ts";
import { epochsOf } from "../choices/epochs.ts";
import { RECIPE_FILE, storedRecipe, writeRecipe } from "../file/recipe-file.ts";
import type { Recipe, StagePlan } from "../file/schema.ts";
import type { Places } from "../places.ts";
import type { Curve } from "../record/record.ts";

export class ResumeFolder {
  /** The recipe of the run that was stopped here; undefined if there was none. */
  readonly recipe: Recipe | undefined;
  readonly #store: Store;

  /** Where the best model of a run that is stopped goes. */
  readonly bestModel: Store;

  private constructor(store: Store, bestModel: Store, recipe: Recipe | undefined) {
    this.#store = store;
    this.bestModel = bestModel;
    this.recipe = recipe;
  }

  /** Throws a UsageError for a recipe that cannot be used; with `onWarning`, for a run that begins anew anyway, it is warned about. */
  static async open(
    { unfinished: store, best }: Pick<Places, "unfinished" | "best">,
    onWarning?: WorkOptions["onWarning"],
  ): Promise<ResumeFolder> {
    const recipe = await storedRecipe({ store, key: RECIPE_FILE }).catch((error: unknown) => {
      if (!onWarning || !(error instanceof UsageError)) throw error;
      onWarning({
        message: `A run that was stopped is in ${store.locate()}, but cannot be resumed, so this one replaces it: ${error.message}`,
      });
      return undefined;
    });
    return new ResumeFolder(store, best, recipe);
  }

  /** What messages call the folder. */
  get path(): string {
    return this.#store.locate();
  }

  /** The checkpoint of stage `index` (from 0). */
  checkpoint(index: number, stage: StagePlan): StoredFile {
    return { store: this.#store, key: checkpointOf(index, stage) };
  }

  /** Whether stage `index` has a checkpoint. */
  async hasCheckpoint(index: number, stage: StagePlan): Promise<boolean> {
    return (await this.#store.stat(checkpointOf(index, stage))) !== undefined;
  }

  writeRecipe(recipe: Recipe): Promise<void> {
    return writeRecipe(this.#store, recipe);
  }

  writeCurve(index: number, stage: StagePlan, { lrs, losses, suggestions }: Curve): Promise<void> {
    return this.#store.put(curveOf(index, stage), JSON.stringify({ lrs, losses, suggestions }));
  }

  /** The curve of stage `index`; undefined if its rate was not searched for. */
  async curve(index: number, stage: StagePlan): Promise<Curve | undefined> {
    const bytes = await this.#store.get(curveOf(index, stage));
    const curve = v.safeParse(curveSchema, parseJsonOrNothing(bytes, { bytes: 1_000_000 }));
    // It is drawn in the report, which can do without.
    return curve.success ? curve.output : undefined;
  }

  /** Replaces what is here by a run that begins with `recipe`. */
  async startOver(recipe: Recipe): Promise<void> {
    await this.delete();
    await this.writeRecipe(recipe);
  }

  /** Deletes the run, but not its lock. */
  async delete(): Promise<void> {
    const values = await this.#store.list("");
    const keys = values.map(({ key }) => key).filter((key) => !key.startsWith(LOCK) && key !== RECIPE_FILE);
    // The recipe first: without it nothing is resumed, also if a kill leaves the rest.
    for (const key of [RECIPE_FILE, ...keys]) await this.#store.delete(key);
  }
}

/** Suggestions are left out that a curve does not have; JSON has null for a loss that is no number. */
const curveSchema = v.looseObject({
  lrs: v.array(v.number()),
  losses: v.array(v.nullable(v.number())),
  suggestions: v.record(v.string(), v.unknown()),
}) as unknown as v.GenericSchema<unknown, Curve>;

const checkpointOf = (index: number, { name }: StagePlan): string => `${index + 1}-${name}.safetensors`;
const curveOf = (index: number, { name }: StagePlan): string => `${index + 1}-${name}.finder.json`;

/**
 * Throws a UsageError if `recipe` differs from the one that the stopped run `before` began with, or its photographs have changed. `limited`
 * is for runs with a time limit, whose stages may have been shortened.
 */
export function checkSameRun(before: Recipe, recipe: Recipe, limited: boolean): void {
  if (before.data.fingerprint !== recipe.data.fingerprint)
    throw new UsageError(
      "The photographs, or their labels, have changed since the run was stopped, so it cannot be resumed",
      "Run without --resume to start again, or put the photographs back as they were.",
    );
  const other = differenceOf(before, recipe, limited);
  if (other)
    throw new UsageError(
      `The run that was stopped has ${other[0]}, and not ${other[1]}`,
      "Give --resume the same settings, or run without it to start again.",
    );
}

/** The first setting in which `recipe` differs from that of the earlier run `before`, in words for both; `limited` as for checkSameRun. */
export function differenceOf(before: Recipe, recipe: Recipe, limited: boolean): readonly [before: string, now: string] | undefined {
  const decided: readonly string[] = limited ? ["why", "stages", "tta"] : ["why"];
  const keys = Object.keys({ ...before, ...recipe }) as (keyof Recipe)[];
  const other = keys.find((key) => !decided.includes(key) && JSON.stringify(before[key]) !== JSON.stringify(recipe[key]));
  return other && [show(before, other), show(recipe, other)];
}

function show(recipe: Recipe, key: keyof Recipe): string {
  if (recipe[key] === undefined) return `no ${key}`;
  if (key === "stages") return `the stages ${recipe.stages.map(stageInWords).join(", ")}`;
  return key === "weights" ? `the weights ${JSON.stringify(recipe.weights)}` : `${key} ${recipe[key]}`;
}

function stageInWords(stage: StagePlan): string {
  const rate = stage.lr === undefined ? "" : ` at ${Number(stage.lr.toPrecision(3))}`;
  return `${stage.name} (${stage.network}, ${stage.size} pixels, epochs: ${epochsOf(stage)}${rate})`;
}
