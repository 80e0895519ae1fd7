// From a recipe to data and learners.

import { availableParallelism } from "node:os";
import { hashJson } from "../../core/hash.ts";
import type { WorkOptions } from "../../core/progress.ts";
import { transformsBasic, transformsSideOn, transformsTopDown } from "../../data/augment/presets.ts";
import { tfmsFromModel } from "../../data/augment/transforms.ts";
import type { ImageDataset } from "../../data/dataset.ts";
import { ImageClassifierData } from "../../data/image-data.ts";
import { datasetFromCsv, datasetFromPaths } from "../../data/read-dataset.ts";
import { classWeights } from "../../data/sampling.ts";
import { TARGET_KINDS } from "../../data/targets.ts";
import { ConvLearner, type LearnerOptions } from "../../learner/learner.ts";
import { readOnnx } from "../../learner/models/onnx-file.ts";
import { adam, adamW, rmsProp, sgd } from "../../learner/step/optimizer.ts";
import { architectureOf } from "../../nn/catalogue.ts";
import { type FoundWeights, findWeights } from "../../nn/hub/find-weights.node.ts";
import type { Architecture } from "../../nn/scope.ts";
import type { Facts } from "../choices/choice.ts";
import type { Recipe, StagePlan } from "../file/schema.ts";
import type { TrainOptions } from "../options.ts";
import { cutOf, isOnnx, networksOf, weightsOf } from "../plan/networks.ts";

const AUGMENTATIONS = { "side-on": transformsSideOn, "top-down": transformsTopDown, basic: transformsBasic, none: [] } as const;
const OPTIMIZERS = { sgd, adam, adamw: adamW, rmsprop: rmsProp } as const;

/** A network and where its weights are: in a file, or in the architecture that an ONNX file gave. */
export interface OpenNetwork extends Partial<FoundWeights> {
  readonly architecture: Architecture;
}

/** The networks of a run by name or path. */
export type Networks = ReadonlyMap<string, OpenNetwork>;

/** Reads ONNX files and finds the weights of all other networks, downloading what is on the hub. Throws a UsageError for what is nowhere. */
export async function openNetworks(options: TrainOptions, file: Recipe | undefined, work: WorkOptions): Promise<Networks> {
  const names = networksOf(options, file);
  const named = weightsOf(options, names, file);
  const cut = cutOf(options, file);
  const networks = new Map<string, OpenNetwork>();
  for (const name of names) {
    const architecture = isOnnx(name) ? await readOnnx(name, { cut, onWarning: work.onWarning }) : architectureOf(name);
    const complete = architecture.parameters && named[name] === undefined;
    const found = complete ? {} : await findWeights(architecture, named[name], { ...work, offline: options.offline });
    networks.set(name, { architecture, ...found });
  }
  return networks;
}

/** The network of a stage. */
function networkOf(networks: Networks, { network }: StagePlan): OpenNetwork {
  return networks.get(network) as OpenNetwork;
}

/** Reads the photographs, before anything is decided about them. */
export function readPhotographs(
  { folder, csv, table }: TrainOptions,
  seed: number,
  options: WorkOptions & { cache: string },
): Promise<ImageDataset> {
  return csv === undefined
    ? datasetFromPaths(folder, { ...options, seed })
    : datasetFromCsv(folder, "", csv, { ...table, ...options, seed });
}

/** What the choices depend on. */
export function factsOf({ kind, train, classes }: ImageDataset): Facts {
  const counts = classes.map(() => 0);
  for (const { label } of train) counts[label] = (counts[label] ?? 0) + 1;
  return { train: train.length, classCounts: TARGET_KINDS[kind].exclusive ? counts : [], cores: availableParallelism() };
}

/** A hash of all that training and validation see: names, contents and labels. */
export function fingerprintOf({ kind, classes, train, valid }: ImageDataset): string {
  const items = [train, valid].map((part) => part.map(({ name, hash, label, labels, values }) => [name, hash, label, labels, values]));
  return hashJson([kind, classes, items]);
}

/** The photographs as a stage sees them. */
export function dataFor(
  dataset: ImageDataset,
  stage: StagePlan,
  { augment, maxZoom, bs, seed }: Recipe,
  networks: Networks,
): ImageClassifierData {
  const augTfms = AUGMENTATIONS[augment];
  const { architecture, row } = networkOf(networks, stage);
  const tfms = tfmsFromModel(row ?? architecture, stage.size, {
    augTfms,
    ...(augment !== "none" && { maxZoom }),
  });
  return new ImageClassifierData({ ...dataset, bs, seed, tfms });
}

/** A learner for the network of a stage. */
export function learnerFor(
  data: ImageClassifierData,
  stage: StagePlan,
  recipe: Recipe,
  networks: Networks,
  options: Pick<LearnerOptions, "cache" | "onPrecision"> & WorkOptions,
): Promise<ConvLearner> {
  const { seed, threads, balance, labelSmoothing, precision, optimizer } = recipe;
  const labels = data.train.map(({ label }) => label);
  const { architecture, path } = networkOf(networks, stage);
  return ConvLearner.pretrained(architecture, data, {
    ...options,
    weights: path,
    seed,
    threads,
    precision,
    optimizer: OPTIMIZERS[optimizer](),
    ...(labelSmoothing > 0 && { labelSmoothing }),
    ...(balance === "sampling" && { sampling: "balanced" }),
    ...(balance === "weights" && { classWeights: classWeights(labels, data.c) }),
  });
}
