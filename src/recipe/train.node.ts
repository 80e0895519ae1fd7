// A run on a folder of photographs: finds its places, networks and photographs on this machine, and runs the recipe on them.

import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import type { WorkOptions } from "../core/progress.ts";
import { diskStore } from "../core/store/disk.node.ts";
import type { ImageDataset } from "../data/dataset/dataset.ts";
import { datasetFromCsv, datasetFromPaths } from "../data/sources/read-dataset.ts";
import type { RecipeChoices } from "./choices/choice-table.ts";
import type { DoneEvent } from "./events.ts";
import type { TrainOptions } from "./options.ts";
import { checkFree, choosePlaces, lockRun, resumeStore } from "./places.node.ts";
import { isOnnx, networksOf } from "./plan/networks.ts";
import { photographsOf, writeReport } from "./record/report.node.ts";
import { openNetworks } from "./run/networks.node.ts";
import { type RunPlatform, runRecipe } from "./run/run-recipe.ts";

export type { RecipeChoices } from "./choices/choice-table.ts";
export type { LabelTableOptions, TrainOptions } from "./options.ts";

/**
 * Runs the recipe and saves the model. Throws a UsageError for what the user can fix; an aborted signal throws, and the run can be resumed.
 */
export async function train(options: TrainOptions): Promise<DoneEvent> {
  const choices = { ...options, ...absolute(options) };
  networksOf(choices, undefined); // A mistyped name is reported before anything is looked at.
  const { model, cache, warning } = await choosePlaces(options.folder, options);
  if (warning) options.onEvent?.({ event: "warning", ...warning });
  const lock = await lockRun(model);
  try {
    // A run that ended since may have made it.
    await checkFree(model, options);
    return await runRecipe(choices, platformOf(options, choices, model, cache));
  } finally {
    await lock.release();
  }
}

function platformOf(options: TrainOptions, choices: TrainOptions, model: string, cache: string): RunPlatform {
  return {
    model: diskStore(model),
    resume: resumeStore(model),
    cache,
    cores: availableParallelism(),
    photographs: photographsOf(model, options.folder),
    openNetworks: (file, work) => openNetworks(choices, file, work),
    readPhotographs: (seed, work) => readPhotographs(options, seed, { ...work, cache }),
    writeReport: (work) => writeReport(model, undefined, work),
  };
}

/** The choices that are paths, made absolute. */
function absolute({ arch, weights }: RecipeChoices): RecipeChoices {
  return {
    ...(arch !== undefined && { arch: [arch].flat().map((name) => (isOnnx(name) ? resolve(name) : name)) }),
    ...(weights !== undefined && { weights: [weights].flat().map((name) => (name !== "" && existsSync(name) ? resolve(name) : name)) }),
  };
}

/** Reads the photographs before anything is decided about them. */
function readPhotographs(
  { folder, parts, csv, table }: TrainOptions,
  seed: number,
  options: WorkOptions & { cache: string },
): Promise<ImageDataset> {
  return csv === undefined
    ? datasetFromPaths(folder, { ...parts, ...options, seed })
    : datasetFromCsv(folder, "", csv, { ...table, ...options, seed });
}
