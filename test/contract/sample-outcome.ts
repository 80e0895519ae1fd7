// What a learner makes of the drawn sample pictures, in numbers, from the finder to a saved model: the same on every platform.

import {
  ConvLearner,
  type Device,
  ImageClassifierData,
  loadClassifier,
  slice,
  tfmsFromModel,
  thawSmall,
  train,
  transformsSideOn,
} from "../../src/index.common.ts";
import { memoryTree } from "../fixtures/memory-tree.ts";
import { memoryStore } from "./memory-store.ts";

const SIZE = 64;
/**
 * Rounding errors grow from step to step, so that two engines' losses part: with smaller pictures, because batch normalisation then works on a
 * few values, and with larger rates.
 */
const STEPS = { size: 128, rates: slice(3e-6, 3e-4) };

export type Pictures = Readonly<Record<string, Uint8Array>>;

const treeOf = (pictures: Pictures) => memoryTree(new Map(Object.entries(pictures)));

async function learnerFor(
  pictures: Pictures,
  device: Device | undefined,
  { size = SIZE, ...options }: { size?: number; precompute?: boolean } = {},
): Promise<ConvLearner> {
  const tfms = tfmsFromModel(thawSmall, size, { augTfms: transformsSideOn, maxZoom: 1.1 });
  const data = await ImageClassifierData.fromPaths(treeOf(pictures), { tfms, bs: 8, seed: 7 });
  return ConvLearner.pretrained(thawSmall, data, { seed: 7, cache: memoryStore(), ...(device && { device }), ...options });
}

/** The losses of 20 training steps of all layers on augmented pictures. */
export async function stepLosses(pictures: Pictures, device?: Device): Promise<readonly number[]> {
  const learner = await learnerFor(pictures, device, { size: STEPS.size });
  learner.unfreeze();
  const cycles = Math.ceil(20 / Math.ceil(learner.data.train.length / learner.data.bs));
  await learner.fit(STEPS.rates, cycles, { wds: 1e-3 });
  await learner.dispose();
  return learner.sched!.losses.slice(0, 20);
}

/** The course of a learner through all that the recipe does: validation losses, and probabilities in the order of the pictures' names. */
export interface Course {
  readonly finder: readonly number[];
  readonly validLosses: readonly number[];
  readonly accuracies: readonly number[];
  readonly tta: readonly number[];
  readonly predicted: readonly number[];
  /** By the saved and reloaded model, from the files. */
  readonly reloaded: readonly number[];
  readonly temperature: number;
}

export async function courseOf(pictures: Pictures, device?: Device): Promise<Course> {
  const learner = await learnerFor(pictures, device, { precompute: true });
  const finder = await learner.lrFind({ startLr: 1e-4, endLr: 1, steps: 20 });
  const epochs = [...(await learner.fit(1e-2, 2, { cycleLen: 1 }))];
  learner.precompute = false;
  epochs.push(...(await learner.fit(1e-2, 1, { cycleLen: 1 })));
  learner.unfreeze();
  epochs.push(...(await learner.fit(slice(1e-4, 1e-3), 1, { cycleLen: 2, cycleMult: 2 })));
  const [tta, predicted] = [await learner.tta(2), await learner.predict()];
  const { temperature } = await learner.calibrate();
  const store = memoryStore();
  await learner.save(store);
  await learner.dispose();
  const model = await loadClassifier(store, device && { device });
  const files = Object.entries(pictures).filter(([name]) => name.startsWith("valid/"));
  const answers = await Promise.all(files.map(([, bytes]) => model.predict(bytes)));
  await model.dispose();
  return {
    finder: finder.losses,
    validLosses: epochs.map(({ validLoss }) => validLoss),
    accuracies: epochs.map(({ accuracy }) => accuracy),
    tta: [...tta.probabilities],
    predicted: [...predicted.probabilities],
    reloaded: answers.map((answer) => answer.find((one) => one.class === "cats")!.probability),
    temperature,
  };
}

/** What the recipe comes to. */
export interface RecipeResult {
  /** After each epoch of all stages. */
  readonly validLosses: readonly number[];
  readonly accuracy: number;
}

export async function recipeOf(pictures: Pictures): Promise<RecipeResult> {
  const validLosses: number[] = [];
  const { accuracy } = await train({
    folder: treeOf(pictures),
    cache: memoryStore(),
    out: memoryStore(),
    size: SIZE,
    bs: 8,
    seed: 7,
    // Few pictures do not get all of them by default.
    stages: ["precompute", "augment", "unfreeze", "tta"],
    report: false,
    onEvent: (event) => event.event === "epoch" && validLosses.push(event.validLoss),
  });
  return { validLosses, accuracy };
}
