// The activations that the first stage of a run reads, computed beforehand: by several processes at once, if there are very many photographs.

import { places } from "#run-places";
import type { WorkOptions } from "../core/progress.ts";
import type { Store } from "../core/store/store.ts";
import { type StoredFeatures, storeFeatures as storeOfLearner } from "../interpret/features.ts";
import type { Share } from "../learner/frozen/cache/open.ts";
import type { StagePlan } from "./file/schema.ts";
import type { TrainOptions } from "./options.ts";
import { namesNetwork, networksOf } from "./plan/networks.ts";
import { openNetworks } from "./run/open-networks.ts";
import { recipeFor } from "./run/recipe-for.ts";
import { DEFAULT_SEED } from "./run/run-recipe.ts";
import { dataFor, learnerFor } from "./run/stage-learner.ts";
import { chooseNetwork, networkShown, readPhotographs } from "./train.ts";

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
  const absolute = { ...options, ...places.absolute(options) };
  networksOf(absolute, undefined); // A mistyped name is reported before anything is looked at.
  const given = { ...absolute, ...(await networkShown(absolute, work)) };
  const named = namesNetwork(given) ? await openNetworks(given, undefined, work) : undefined;
  const data = await readPhotographs(given, given.seed ?? DEFAULT_SEED, { ...work, cache });
  const chosen = named ? undefined : await chooseNetwork(data.train.length + data.valid.length, given, work);
  const all = chosen ? { ...given, arch: chosen.weights } : given;
  const networks = named ?? (await openNetworks(all, undefined, work));
  const recipe = recipeFor(all, undefined, data, networks, places.cores());
  const first = recipe.stages[0] as StagePlan;
  const learner = await learnerFor(dataFor(data, first, recipe, networks), first, recipe, networks, { ...work, cache, device: undefined });
  try {
    const { threads, precision } = recipe;
    return await storeOfLearner(learner, { ...work, cache, precision, share, session: { threads } });
  } finally {
    await learner.dispose();
  }
}
