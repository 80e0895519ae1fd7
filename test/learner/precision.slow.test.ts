// The frozen part in 8 bit: named, kept apart in the cache, and only ever between images and training.

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { ConvLearner, type ImageClassifierData, type LearnerOptions, type PrecisionChoice } from "../../src/index.ts";
import { makePictures, makeWeights, temporaryFolder, tiny, tinyData } from "./tiny.ts";

let data: ImageClassifierData;
let weights: string;

beforeAll(async () => {
  weights = await makeWeights();
  data = await tinyData(await makePictures(30, 10));
});

/** A head trained on activations for one epoch, and what was said about the precision. */
async function trained(options: Partial<LearnerOptions>): Promise<{ learner: ConvLearner; said: PrecisionChoice[] }> {
  const said: PrecisionChoice[] = [];
  const onPrecision = (choice: PrecisionChoice): void => void said.push(choice);
  const cache = options.cache ?? (await temporaryFolder());
  const learner = await ConvLearner.pretrained(tiny, data, { weights, seed: 7, precompute: true, onPrecision, ...options, cache });
  await learner.fit(0.05, 2);
  return { learner, said };
}

const head = (learner: ConvLearner): readonly number[] => Array.from(learner.parameters.get("head.fc0.weight")?.data as Float32Array);

test("8 bit is named with the difference that it makes, once, and trains a head of its own", async () => {
  const [full, integer] = [await trained({}), await trained({ precision: "int8" })];
  expect(full.said).toEqual([]);
  expect(integer.said).toEqual([{ precision: "int8", difference: expect.any(Number), limit: 0.35, images: 16 }]);
  expect(integer.said[0]?.difference).toBeGreaterThan(0);
  expect(integer.said[0]?.difference).toBeLessThan(0.2);
  expect(head(integer.learner)).not.toEqual(head(full.learner));
});

test("auto leaves so few images in full precision", async () => {
  const [full, automatic] = [await trained({}), await trained({ precision: "auto" })];
  expect(automatic.said).toEqual([]);
  expect(head(automatic.learner)).toEqual(head(full.learner));
});

test("what is validated goes through full precision: the same head gives the same predictions", async () => {
  const [full, integer] = [await trained({}), await trained({ precision: "int8" })];
  integer.learner.parameters = full.learner.parameters;
  expect(await integer.learner.predict()).toEqual(await full.learner.predict());
});

test("each precision has activations of its own, and a second run takes calibration and activations from the cache", async () => {
  const cache = await temporaryFolder();
  const first = await trained({ precision: "int8", cache });
  await trained({ cache });
  const arrays = await readdir(join(cache, "activations"));
  expect(arrays).toHaveLength(3); // Training images in both, validation images in full precision.
  const tasks = new Set<string>();
  const second = await trained({ precision: "int8", cache, onProgress: ({ task }) => void tasks.add(task) });
  expect([...tasks].filter((task) => /Calibrating|Computing/.test(task))).toEqual([]);
  expect(second.said).toEqual(first.said);
  expect(head(second.learner)).toEqual(head(first.learner));
});

test("with precompute off, augmented images go through 8 bit too", async () => {
  const { learner, said } = await trained({ precision: "int8", precompute: false });
  expect(said).toHaveLength(1);
  learner.unfreeze();
  await learner.fit(0.001, 1);
  expect(said).toHaveLength(1); // Nothing is frozen, so there is nothing to decide.
});

test("8 bit on another device than the CPU is refused, naming both", async () => {
  await expect(trained({ precision: "int8", device: "webgpu" })).rejects.toMatchObject({
    message: 'Expected "fp32" or "auto" for the precision on webgpu but received "int8"',
    hint: "8 bit is for the CPU alone.",
  });
});
