// From a recipe to data and learners.

import { hashJson } from "../core/hash.ts";
import type { WorkOptions } from "../core/progress.ts";
import { ImageClassifierData } from "../data/image-data.ts";
import { classWeights } from "../data/sampling.ts";
import { tfmsFromModel, transformsBasic, transformsSideOn, transformsTopDown } from "../data/transforms.ts";
import { ConvLearner, type LearnerOptions } from "../learner/learner.ts";
import { adam, adamW, rmsProp, sgd } from "../learner/optimizer.ts";
import { architectureOf } from "../nn/catalogue.ts";
import { type FoundWeights, findWeights } from "../nn/hub/find-weights.node.ts";
import type { Facts } from "./choices.ts";
import type { Recipe, StagePlan } from "./file.ts";
import type { TrainOptions } from "./options.ts";
import { networksOf, weightsOf } from "./plan.ts";

const AUGMENTATIONS = { "side-on": transformsSideOn, "top-down": transformsTopDown, basic: transformsBasic, none: [] } as const;
const OPTIMIZERS = { sgd, adam, adamw: adamW, rmsprop: rmsProp } as const;

/** The weights of a run by network. */
export type AllWeights = ReadonlyMap<string, FoundWeights>;

/** Finds the weights of all networks, downloading what is on the hub. Throws a UsageError for those that are nowhere. */
export async function findAllWeights(options: TrainOptions, file: Recipe | undefined, work: WorkOptions): Promise<AllWeights> {
  const networks = networksOf(options, file);
  const named = weightsOf(options, networks, file);
  const found = new Map<string, FoundWeights>();
  for (const name of networks) found.set(name, await findWeights(architectureOf(name), named[name], { ...work, offline: options.offline }));
  return found;
}

/** Reads the photographs, before anything is decided about them. */
export function readPhotographs(
  { folder, csv, table }: TrainOptions,
  seed: number,
  options: WorkOptions & { cache: string },
): Promise<ImageClassifierData> {
  // Size, statistics and batches are the network's and the recipe's: `dataFor` puts them in.
  const common = { ...options, seed, tfms: tfmsFromModel(architectureOf("thaw_small"), 32) };
  return csv === undefined
    ? ImageClassifierData.fromPaths(folder, common)
    : ImageClassifierData.fromCsv(folder, "", csv, { ...table, ...common });
}

/** What the choices depend on. */
export function factsOf({ kind, train, classes }: ImageClassifierData): Facts {
  const counts = classes.map(() => 0);
  for (const { label } of train) counts[label] = (counts[label] ?? 0) + 1;
  return { train: train.length, classCounts: kind === "single" ? counts : [] };
}

/** A hash of all that training and validation see: names, contents and labels. */
export function fingerprintOf({ kind, classes, train, valid }: ImageClassifierData): string {
  const items = [train, valid].map((part) => part.map(({ name, hash, label, labels, values }) => [name, hash, label, labels, values]));
  return hashJson([kind, classes, items]);
}

/** The photographs as a stage sees them. */
export function dataFor(
  data: ImageClassifierData,
  { network, size }: StagePlan,
  { augment, maxZoom, bs }: Recipe,
  weights: AllWeights,
): ImageClassifierData {
  const augTfms = AUGMENTATIONS[augment];
  const tfms = tfmsFromModel(weights.get(network)?.row ?? architectureOf(network), size, {
    augTfms,
    ...(augment !== "none" && { maxZoom }),
  });
  return new ImageClassifierData({ ...data, bs, tfms });
}

/** A learner for the network of a stage. */
export function learnerFor(
  data: ImageClassifierData,
  { network }: StagePlan,
  recipe: Recipe,
  weights: AllWeights,
  options: Pick<LearnerOptions, "cache" | "onPrecision"> & WorkOptions,
): Promise<ConvLearner> {
  const { seed, threads, balance, labelSmoothing, precision, optimizer } = recipe;
  const labels = data.train.map(({ label }) => label);
  return ConvLearner.pretrained(architectureOf(network), data, {
    ...options,
    weights: weights.get(network)?.path,
    seed,
    threads,
    precision,
    optimizer: OPTIMIZERS[optimizer](),
    ...(labelSmoothing > 0 && { labelSmoothing }),
    ...(balance === "sampling" && { sampling: "balanced" }),
    ...(balance === "weights" && { classWeights: classWeights(labels, data.c) }),
  });
}
