// The activations that the first stage of a run reads, computed beforehand: by several processes at once, if there are very many photographs.

import { findDefaultNetwork } from "#default-network";
import { places } from "#run-places";
import type { WorkOptions } from "../core/progress.ts";
import type { Store } from "../core/store/store.ts";
import { type StoredFeatures, storeFeatures as storeOfLearner } from "../interpret/features.ts";
import { requireDevice } from "../learner/device/resolve-device.ts";
import type { Share } from "../learner/frozen/cache/open.ts";
import { VALUE_CHOICES } from "./choices/value-choices.ts";
import type { StagePlan } from "./file/schema.ts";
import type { TrainOptions } from "./options.ts";
import { namesNetwork, networksOf } from "./plan/networks.ts";
import { planRecipe } from "./plan/plan-recipe.ts";
import { datasetFingerprint, factsOf } from "./run/dataset-facts.ts";
import { openNetworks } from "./run/open-networks.ts";
import { dataFor, learnerFor } from "./run/stage-learner.ts";
import { readPhotographs } from "./train.ts";

export interface StoreFeaturesOptions extends Omit<TrainOptions, "cache" | "out" | "signal" | "onEvent">, WorkOptions {
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
  const given = { ...options, ...places.absolute(options) };
  networksOf(given, undefined); // A mistyped name is reported before anything is looked at.
  await requireDevice(given.device);
  const cores = places.cores();
  const named = namesNetwork(given) ? await openNetworks(given, undefined, work) : undefined;
  const seed = given.seed ?? VALUE_CHOICES.seed.choose({ train: 0, classCounts: [], cores: 1 }, {}).value;
  const data = await readPhotographs(given, seed, { ...work, cache });
  const photographs = data.train.length + data.valid.length;
  const { size, offline } = given;
  const chosen = named ? undefined : await findDefaultNetwork({ photographs, cores, size }, { ...work, offline });
  const all = chosen ? { ...given, arch: chosen.weights } : given;
  const networks = named ?? (await openNetworks(all, undefined, work));
  const described = {
    fingerprint: datasetFingerprint(data),
    classes: data.classes.length,
    train: data.train.length,
    valid: data.valid.length,
  };
  const sizeOf = (network: string): number => networks.get(network)?.architecture.size as number;
  const recipe = planRecipe(all, undefined, factsOf(data, cores), described, sizeOf);
  const first = recipe.stages[0] as StagePlan;
  const learner = await learnerFor(dataFor(data, first, recipe, networks), first, recipe, networks, {
    ...work,
    cache,
    device: given.device,
  });
  try {
    const { threads, precision } = recipe;
    return await storeOfLearner(learner, { ...work, cache, precision, share, session: { threads } });
  } finally {
    await learner.dispose();
  }
}
