// A run on photographs: finds its places, networks and photographs, and runs the recipe on them.

import { places } from "#run-places";
import type { WorkOptions } from "../core/progress.ts";
import type { Store } from "../core/store/store.ts";
import type { ImageDataset } from "../data/dataset/dataset.ts";
import { treeOf } from "../data/files/tree-of.ts";
import { datasetFromCsv, datasetFromPaths } from "../data/sources/read-dataset.ts";
import type { DoneEvent } from "./events.ts";
import type { TrainOptions } from "./options.ts";
import { networksOf } from "./plan/networks.ts";
import { writeReport } from "./record/report.ts";
import { openNetworks } from "./run/open-networks.ts";
import { runRecipe } from "./run/run-recipe.ts";

export type { RecipeChoices } from "./choices/choice-table.ts";
export type { LabelTableOptions, TrainOptions } from "./options.ts";

/**
 * Runs the recipe and saves the model. Throws a UsageError for what the user can fix; an aborted signal throws, and the run can be resumed.
 */
export async function train(options: TrainOptions): Promise<DoneEvent> {
  const choices = { ...options, ...places.absolute(options) };
  networksOf(choices, undefined); // A mistyped name is reported before anything is looked at.
  const chosen = await places.choose(options);
  const { model, cache, warning } = chosen;
  if (warning) options.onEvent?.({ event: "warning", ...warning });
  const lock = await places.lock(chosen);
  try {
    // A run that ended since may have made it.
    await places.checkFree(options);
    return await runRecipe(choices, {
      ...chosen,
      cores: places.cores(),
      openNetworks: (file, work) => openNetworks(choices, file, work),
      readPhotographs: (seed, work) => readPhotographs(options, seed, { ...work, cache }),
      ...((options.report ?? places.report) && { writeReport: (work) => writeReport(model, treeOf(options.folder), work) }),
    });
  } finally {
    await lock.release();
  }
}

/** Reads the photographs before anything is decided about them. */
function readPhotographs(
  { folder, parts, csv, table }: TrainOptions,
  seed: number,
  options: WorkOptions & { cache: string | Store },
): Promise<ImageDataset> {
  return csv === undefined
    ? datasetFromPaths(folder, { ...parts, ...options, seed })
    : datasetFromCsv(folder, "", csv, { ...table, ...options, seed });
}
