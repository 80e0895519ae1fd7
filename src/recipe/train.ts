// A run on photographs: finds its places, networks and photographs, and runs the recipe on them.

import { findDefaultNetwork } from "#default-network";
import { places } from "#run-places";
import type { WorkOptions } from "../core/progress.ts";
import type { Store } from "../core/store/store.ts";
import type { ImageDataset, ListedDataset } from "../data/dataset/dataset.ts";
import { treeOf } from "../data/files/tree-of.ts";
import { datasetFromCsv, datasetFromPaths } from "../data/sources/read-dataset.ts";
import { requireDevice } from "../learner/device/resolve-device.ts";
import type { DefaultNetwork } from "../nn/default-network/default-network.ts";
import { imageSize } from "../nn/image-size.ts";
import type { Architecture } from "../nn/scope.ts";
import type { DoneEvent } from "./events.ts";
import type { TrainOptions } from "./options.ts";
import { checkNetworks } from "./plan/networks.ts";
import { writeReport } from "./record/report.ts";
import type { OnListed } from "./run/gather.ts";
import { openNetworks } from "./run/open-networks.ts";
import { runRecipe } from "./run/run-recipe.ts";

export type { RecipeChoices } from "./choices/choice-table.ts";
export type { LabelTableOptions, TrainOptions } from "./options.ts";

/**
 * Runs the recipe and saves the model. Throws a UsageError for what the user can fix; an aborted signal throws, and the run can be resumed.
 */
export async function train(options: TrainOptions): Promise<DoneEvent> {
  const given = { ...options, ...places.absolute(options) };
  checkNetworks(given);
  await requireDevice(options.device);
  const chosen = await places.choose(options);
  const { model, cache, warning } = chosen;
  if (warning) options.onEvent?.({ event: "warning", ...warning });
  const lock = await places.lock(chosen);
  const pixels = places.pixels(cache);
  try {
    // A run that ended since may have made it.
    await places.checkFree(options);
    return await runRecipe(given, {
      ...chosen,
      cores: places.cores(),
      pixels,
      chooseNetwork: (photographs, work) => chooseNetwork(photographs, options, work),
      openNetworks,
      readPhotographs: (seed, work) => readPhotographs(options, seed, { ...work, cache }),
      ...((options.report ?? places.report) && { writeReport: (work) => writeReport(model, treeOf(options.folder), work) }),
    });
  } finally {
    await pixels?.close();
    await lock.release();
  }
}

/** The network for photographs if none is named, by the size that it will be given. */
export function chooseNetwork({ train, valid }: ListedDataset, options: TrainOptions, work: WorkOptions): Promise<DefaultNetwork> {
  const { size = options.sizes?.at(-1), time, offline } = options;
  const sizeOf = (architecture: Architecture): number => size ?? imageSize(architecture, train.length);
  return findDefaultNetwork({ photographs: train.length + valid.length, cores: places.cores(), time, sizeOf }, { ...work, offline });
}

/** Reads the photographs before anything is decided about them. */
export function readPhotographs(
  { folder, parts, csv, table }: TrainOptions,
  seed: number,
  options: WorkOptions & { cache: string | Store; onListed: OnListed },
): Promise<ImageDataset> {
  return csv === undefined
    ? datasetFromPaths(folder, { ...parts, ...options, seed })
    : datasetFromCsv(folder, "", csv, { ...table, ...options, seed });
}
