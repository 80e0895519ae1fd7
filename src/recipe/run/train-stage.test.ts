// What the stages of a recipe do to a learner, on a tiny network.

import { beforeAll, expect, test } from "vitest";
import { makePictures, makeWeights, tiny, tinyData } from "../../../test/learner/tiny.ts";
import { ConvLearner, type ImageClassifierData, type Recipe, type RecipeChoices } from "../../index.ts";
import type { StagePlan } from "../file/schema.ts";
import { planRecipe } from "../plan/plan-recipe.ts";
import { enter, purposeOf, trainStage } from "./train-stage.ts";

let data: ImageClassifierData;
let weights: string;

beforeAll(async () => {
  const [folder, file] = await Promise.all([makePictures(16, 4), makeWeights()]);
  [data, weights] = [await tinyData(folder), file];
});

function recipeOf(choices: RecipeChoices): Recipe {
  const facts = { train: 32, classCounts: [16, 16], cores: 2 };
  return planRecipe({ bs: 8, ...choices }, undefined, facts, { fingerprint: "", classes: 2, train: 32, valid: 8 }, () => 32);
}

/** A learner after two epochs of the stage `name`. */
async function trained(name: StagePlan["name"], choices: RecipeChoices): Promise<ConvLearner> {
  const recipe = recipeOf(choices);
  const learner = await ConvLearner.pretrained(tiny, data, { weights, seed: 7, ps: 0 });
  enter(learner, name, recipe);
  await trainStage(learner, { name, network: "tiny", size: 32, cycles: 1, cycleLen: 2, cycleMult: 1 }, recipe, 0.01, { best: false });
  return learner;
}

function valuesOf({ parameters }: ConvLearner): readonly number[] {
  return [...parameters.values()].flatMap((value) => Array.from(value.data as Float32Array));
}

test("all layers train on a batch in parts as on the whole, and not as on smaller batches", async () => {
  const whole = await trained("unfreeze", { microBatch: 8 });
  const [halves, smaller] = [await trained("unfreeze", { microBatch: 4 }), await trained("unfreeze", { bs: 4 })];
  expect([whole, halves, smaller].map(({ sched }) => sched?.losses.length)).toEqual([8, 16, 16]);
  const distance = (learner: ConvLearner): number => {
    const values = valuesOf(whole);
    return Math.hypot(...valuesOf(learner).map((value, i) => value - values[i]!));
  };
  // Apart but for the rate, which falls along the parts.
  expect(distance(halves)).toBeLessThan(distance(smaller) / 4);
});

test("the head trains on activations of as many views as were asked for, and all layers on images", async () => {
  const learner = await trained("augment", { views: 2 });
  expect([learner.precompute, learner.precomputeViews]).toEqual([true, 2]);
  enter(learner, "unfreeze", recipeOf({ views: 2 }));
  expect([learner.precompute, learner.precomputeViews]).toEqual([false, 0]);
  enter(learner, "augment", recipeOf({}));
  expect(learner.precompute).toBe(false);
  const purposes = [0, 2].map((views) => purposeOf("augment", recipeOf({ views })));
  expect(purposes).toEqual([
    expect.stringContaining("afresh in each epoch"),
    expect.stringContaining("activations of 2 views of each image"),
  ]);
});

test.each(["mixup", "cutmix", "both"] as const)("%s changes what the later stages learn, and not the first", async (mix) => {
  expect(valuesOf(await trained("precompute", { mix }))).toEqual(valuesOf(await trained("precompute", {})));
  expect(valuesOf(await trained("augment", { mix }))).not.toEqual(valuesOf(await trained("augment", {})));
});
