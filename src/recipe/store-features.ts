// The activations that the first stage of a run reads, computed beforehand: by several processes at once, if there are very many photographs.

import { places } from "#run-places";
import type { WorkOptions } from "../core/progress.ts";
import type { Store } from "../core/store/store.ts";
import { type StoredFeatures, storeFeatures as storeOfLearner } from "../interpret/features.ts";
import type { Share } from "../learner/frozen/cache/open.ts";
import type { ConvLearner } from "../learner/learner.ts";
import type { StagePlan } from "./file/schema.ts";
import type { TrainOptions } from "./options.ts";
import { checkNetworks } from "./plan/networks.ts";
import { gather } from "./run/gather.ts";
import { openNetworks } from "./run/open-networks.ts";
import { recipeFor } from "./run/recipe-for.ts";
import { DEFAULT_SEED } from "./run/run-recipe.ts";
import { dataFor, learnerFor } from "./run/stage-learner.ts";
import { chooseNetwork, readPhotographs } from "./train.ts";

/** What only a run of training has. Features are computed on the default device. */
type OfRun = "out" | "recipe" | "device" | "resume" | "checkpointSeconds" | "force" | "report" | "signal" | "onEvent";

export interface StoreFeaturesOptions extends Omit<TrainOptions, "cache" | OfRun>, WorkOptions {
  /** Where they go: the `cache` of the run that reads them. */
  readonly cache: string | Store;
  /** This process's share; default all. */
  readonly share?: Share | undefined;
}

/**
 * Computes the activations of the photographs at the cut before the head, as `train` with the same options does at first, and stores them in
 * `cache`. What is there is not computed again. Throws a UsageError for what the user can fix.
 */
export async function storeFeatures({
  cache,
  share,
  signal,
  onProgress,
  onWarning,
  ...options
}: StoreFeaturesOptions): Promise<StoredFeatures> {
  const work: WorkOptions = { signal, onProgress, onWarning };
  const asked = { ...options, ...places.absolute(options) };
  checkNetworks(asked);
  const cores = places.cores();
  // A process with a share checks all photographs, and would keep pixels that others want.
  const pixels = share ? undefined : places.pixels(cache);
  let learner: ConvLearner | undefined;
  try {
    const { data, networks, given } = await gather(
      asked,
      undefined,
      asked.seed ?? DEFAULT_SEED,
      {
        cores,
        pixels,
        chooseNetwork: (photographs) => chooseNetwork(photographs, asked, work),
        openNetworks,
        readPhotographs: (seed, reading) => readPhotographs(asked, seed, { ...reading, cache }),
      },
      work,
    );
    const recipe = recipeFor(given, undefined, data, networks, cores);
    const first = recipe.stages[0] as StagePlan;
    learner = await learnerFor(dataFor(data, first, recipe, networks), first, recipe, networks, { ...work, cache, device: undefined });
    const { threads, precision } = recipe;
    return await storeOfLearner(learner, { ...work, cache, precision, share, session: { threads } });
  } finally {
    await learner?.dispose();
    await pixels?.close();
  }
}
