// What each training stage does: which layers it trains, on what, and how it finds its learning rate.

import type { MixOptions } from "../../learner/frozen/mixing.ts";
import type { ConvLearner, FinderOptions, FitOptions } from "../../learner/learner.ts";
import type { EpochResult } from "../../learner/loop/loop.ts";
import type { TrainingStage } from "../choices/epochs.ts";
import type { Recipe, StagePlan } from "../file/schema.ts";
import type { Result } from "./best.ts";

const PURPOSES: Readonly<Record<TrainingStage, string>> = {
  precompute: "train the new head on activations that are computed once",
  augment: "train the head on images that are cropped, turned, lit and mirrored afresh in each epoch",
  unfreeze: "train all layers, the earliest ones slowest, to fit the pretrained features to these photographs",
};

/** The purpose of a stage in words. */
export function purposeOf(stage: TrainingStage, { views }: Recipe): string {
  if (stage !== "augment" || views === 0) return PURPOSES[stage];
  const count = views === 1 ? "1 view" : `${views} views`;
  return `train the head on activations of ${count} of each image, which are cropped, turned, lit and mirrored once`;
}

/** The head's rate if the finder has no suggestion: fastai's usual one. */
export const FALLBACK_RATE = 1e-2;
/**
 * The search with all layers takes fewer and smaller steps than the head's, about a third of an epoch; a full search would take longer than
 * training.
 */
const UNFROZEN_SEARCH = { bs: 16, startLr: 1e-5, endLr: 1 };
const [FEWEST_STEPS, MOST_STEPS] = [20, 40];

/** Prepares `learner` for what the stage trains. */
export function enter(learner: ConvLearner, stage: TrainingStage, recipe: Recipe): void {
  if (stage === "unfreeze") {
    if (recipe.freezeTo === 0) learner.unfreeze();
    else learner.freezeTo(recipe.freezeTo);
    learner.bnFreeze = recipe.bnFreeze;
  } else {
    learner.freeze();
  }
  learner.precomputeViews = stage === "augment" ? recipe.views : 0;
  learner.precompute = stage === "precompute" || learner.precomputeViews > 0;
}

/** How to search for the stage's learning rate. */
export function searchOf(learner: ConvLearner, stage: TrainingStage, { lrFactor, weightDecay }: Recipe): FinderOptions {
  if (stage !== "unfreeze") return { wds: weightDecay };
  const steps = Math.min(MOST_STEPS, Math.max(FEWEST_STEPS, Math.round(learner.data.train.length / UNFROZEN_SEARCH.bs / 3)));
  return { ...UNFROZEN_SEARCH, steps, ratios: ratiosOf(learner, lrFactor), wds: weightDecay };
}

/** Trains the stage at the head's rate `lr`. */
export function trainStage(
  learner: ConvLearner,
  { name, cycles, cycleLen, cycleMult }: StagePlan,
  recipe: Recipe,
  lr: number,
  options: FitOptions,
): Promise<readonly EpochResult[]> {
  const { lrFactor, weightDecay: wds } = recipe;
  const lrs = name === "unfreeze" ? ratiosOf(learner, lrFactor).map((ratio) => lr * ratio) : lr;
  // The first stage has no augmentation on purpose, so no warning is due.
  const quiet = name === "precompute" ? { onWarning: () => {} } : {};
  const parts = name === "unfreeze" ? partsOf(recipe) : {};
  const mix = name === "precompute" ? {} : MIX_OPTIONS[recipe.mix];
  return learner.fit(lrs, cycles, { cycleLen, cycleMult, wds, best: true, ...parts, ...mix, ...quiet, ...options });
}

const MIX_OPTIONS: Readonly<Record<Recipe["mix"], MixOptions>> = {
  none: {},
  mixup: { mixUp: true },
  cutmix: { cutMix: true },
  both: { mixUp: true, cutMix: true },
};

/** Splits a batch into equal parts of at most `microBatch` images, whose gradients make one update. */
function partsOf({ bs, microBatch = bs }: Recipe): FitOptions {
  const accumulate = Math.ceil(bs / microBatch);
  return { bs: Math.ceil(bs / accumulate), accumulate };
}

/** The rates of the layer groups relative to the head's: earlier layers hold more general features and should change less. */
function ratiosOf({ network }: ConvLearner, factor: number): readonly number[] {
  return Array.from({ length: network.groups }, (_, group) => factor ** (group + 1 - network.groups));
}

/** Whether a stage's weights are kept, in words. */
export function noteOf(best: EpochResult, before: Result | undefined, kept: boolean): string {
  if (before === undefined || kept) return `kept the weights after epoch ${best.epoch}`;
  const why =
    best.accuracy === before.accuracy
      ? "the same accuracy at a higher loss"
      : best.accuracy > before.accuracy && best.validLoss >= before.validLoss
        ? "the accuracy rose by no more than chance, and the loss rose too"
        : "validation got worse";
  return `${why}, so the weights from before this stage are kept`;
}
