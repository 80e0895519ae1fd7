// The recipe of a run, once its photographs and networks are known.

import type { ImageDataset } from "../../data/dataset/dataset.ts";
import { imageSize } from "../../nn/image-size.ts";
import type { Recipe } from "../file/schema.ts";
import type { TrainOptions } from "../options.ts";
import { planRecipe } from "../plan/plan-recipe.ts";
import type { SizeOf } from "../plan/plan-stages.ts";
import { datasetFingerprint, factsOf } from "./dataset-facts.ts";
import type { Networks, OpenNetwork } from "./stage-learner.ts";

/** The recipe for `data` on a machine that runs `cores` threads at once. Throws a UsageError for choices that do not go together. */
export function recipeFor(options: TrainOptions, file: Recipe | undefined, data: ImageDataset, networks: Networks, cores: number): Recipe {
  const { classes, train, valid } = data;
  const described = { fingerprint: datasetFingerprint(data), classes: classes.length, train: train.length, valid: valid.length };
  return planRecipe(options, file, factsOf(data, cores), described, sizesOf(networks));
}

/** The sizes of the images that `networks` take by default. */
export function sizesOf(networks: Networks): SizeOf {
  return (network, train) => imageSize((networks.get(network) as OpenNetwork).architecture, train);
}
