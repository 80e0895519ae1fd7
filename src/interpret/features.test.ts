// The features that problems in the data are looked for in.

import { beforeAll, expect, test } from "vitest";
import { makePictures, makeWeights, temporaryFolder, tiny, tinyData } from "../../test/learner/tiny.ts";
import { ConvLearner, type ImageClassifierData } from "../index.ts";
import { featuresOf, storeFeatures } from "./features.ts";

let data: ImageClassifierData;
let weights: string;

beforeAll(async () => {
  [data, weights] = [await tinyData(await makePictures(30, 10)), await makeWeights()];
});

/** A learner that trained its head on 8-bit activations, and their cache. */
async function trained(): Promise<{ learner: ConvLearner; cache: string }> {
  const cache = await temporaryFolder();
  const learner = await ConvLearner.pretrained(tiny, data, { weights, seed: 7, cache, precompute: true, precision: "int8" });
  await learner.fit(0.01, 1);
  return { learner, cache };
}

test("in the precision of training nothing is computed that training cached; in full precision the training images are", async () => {
  const { learner, cache } = await trained();
  const tasks: string[] = [];
  const work = { cache, onProgress: ({ task }: { task: string }) => void tasks.push(task) };
  const own = await featuresOf(learner, { ...work, precision: "int8" });
  expect(tasks).toEqual([]);
  const full = await featuresOf(learner, work);
  expect(new Set(tasks)).toEqual(new Set(["Computing activations of the training images"]));
  const { width } = full;
  const [ownTrain, fullTrain] = [own, full].map(({ values }) => values.subarray(0, data.train.length * width));
  expect(ownTrain).not.toEqual(fullTrain);
  expect(own.values.subarray(data.train.length * width)).toEqual(full.values.subarray(data.train.length * width));
  await learner.dispose();
});

test("a fit finds the features that shares stored, computes none, and learns the same", async () => {
  const fitted = async (cache: string) => {
    const tasks = new Set<string>();
    const onProgress = ({ task }: { task: string }) => void tasks.add(task);
    const options = { weights, seed: 7, cache, precompute: true, precision: "int8", onProgress } as const;
    const learner = await ConvLearner.pretrained(tiny, data, options);
    await learner.fit(0.01, 1);
    const { parameters } = learner;
    await learner.dispose();
    return { computed: [...tasks].filter((task) => task.startsWith("Computing activations")), parameters };
  };
  const [stored, empty] = [await temporaryFolder(), await temporaryFolder()];
  for (const shard of [1, 2]) {
    const learner = await ConvLearner.pretrained(tiny, data, { weights, seed: 7, cache: stored });
    const { images, width } = await storeFeatures(learner, { cache: stored, precision: "int8", share: { shard, shards: 2 } });
    expect([images, width]).toEqual([[data.train.length, data.valid.length], expect.any(Number)]);
    await learner.dispose();
  }
  const [found, own] = [await fitted(stored), await fitted(empty)];
  expect(found.computed).toEqual([]);
  expect(own.computed.length).toBeGreaterThan(0);
  expect(found.parameters).toEqual(own.parameters);
});
