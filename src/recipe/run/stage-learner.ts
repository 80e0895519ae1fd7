// From a recipe to the data and the learner of a stage.

import type { WorkOptions } from "../../core/progress.ts";
import { transformsBasic, transformsSideOn, transformsTopDown } from "../../data/augment/presets.ts";
import { type TransformOptions, type Transforms, tfmsFromModel } from "../../data/augment/transforms.ts";
import type { ImageDataset } from "../../data/dataset/dataset.ts";
import { classWeights } from "../../data/dataset/sampling.ts";
import { ImageClassifierData } from "../../data/image-data.ts";
import type { DeviceName } from "../../learner/device/resolve-device.ts";
import { headOf } from "../../learner/head-options.ts";
import { ConvLearner, type LearnerOptions } from "../../learner/learner.ts";
import { groupAt, networkOf as wholeNetwork } from "../../learner/network.ts";
import { adam, adamW, rmsProp, sgd } from "../../learner/step/optimizer.ts";
import type { PublishedWeights } from "../../nn/published/published.ts";
import type { Architecture } from "../../nn/scope.ts";
import type { Recipe, StagePlan } from "../file/schema.ts";

const AUGMENTATIONS = { "side-on": transformsSideOn, "top-down": transformsTopDown, basic: transformsBasic, none: [] } as const;
const OPTIMIZERS = { sgd, adam, adamw: adamW, rmsprop: rmsProp } as const;

/** A network and where its weights are: in a file, or in the architecture if that came from an ONNX file. */
export interface OpenNetwork {
  readonly architecture: Architecture;
  readonly path?: string;
  /** The catalogue's row, if the weights have one. */
  readonly row?: PublishedWeights | undefined;
}

/** The networks of a run by name or path. */
export type Networks = ReadonlyMap<string, OpenNetwork>;

/** The network of a stage. */
function networkOf(networks: Networks, { network }: StagePlan): OpenNetwork {
  return networks.get(network) as OpenNetwork;
}

/** Throws a UsageError if a network of the recipe lacks the layer group that its `unfreeze` stage begins at. */
export function checkGroups({ stages, freezeTo, data }: Recipe, networks: Networks): void {
  for (const stage of stages)
    if (stage.name === "unfreeze")
      groupAt(wholeNetwork(networkOf(networks, stage).architecture, headOf({}), data.classes, 3), freezeTo, "freezeTo (--freeze-to)");
}

/** The photographs as a stage sees them. */
export function dataFor(
  dataset: ImageDataset,
  stage: StagePlan,
  { augment, maxZoom, bs, seed }: Recipe,
  networks: Networks,
): ImageClassifierData {
  const tfms = tfmsFor(stage, networks, { augTfms: AUGMENTATIONS[augment], ...(augment !== "none" && { maxZoom }) });
  return new ImageClassifierData({ ...dataset, bs, seed, tfms });
}

/** The transforms of a stage, whose `options` are those of training images. */
export function tfmsFor(stage: StagePlan, networks: Networks, options: Pick<TransformOptions, "augTfms" | "maxZoom"> = {}): Transforms {
  const { architecture, row } = networkOf(networks, stage);
  return tfmsFromModel(row ?? architecture, stage.size, options);
}

/** A learner for the network of a stage, whose model can be saved. Throws a UsageError if it could not. */
export async function learnerFor(
  data: ImageClassifierData,
  stage: StagePlan,
  recipe: Recipe,
  networks: Networks,
  { device, ...options }: Pick<LearnerOptions, "cache" | "onPrecision" | "onDevice"> & WorkOptions & { device: DeviceName | undefined },
): Promise<ConvLearner> {
  const { seed, threads, balance, labelSmoothing, precision, optimizer } = recipe;
  const labels = data.train.map(({ label }) => label);
  const { architecture, path } = networkOf(networks, stage);
  const learner = await ConvLearner.pretrained(architecture, data, {
    ...options,
    ...(device && { device }),
    weights: path,
    seed,
    threads,
    precision,
    optimizer: OPTIMIZERS[optimizer](),
    ...(labelSmoothing > 0 && { labelSmoothing }),
    ...(balance === "sampling" && { sampling: "balanced" }),
    ...(balance === "weights" && { classWeights: classWeights(labels, data.c) }),
  });
  learner.checkSavable();
  return learner;
}
