// Precompute on and off: it may be switched at any time, and whatever is asked of a learner has the same answer either way.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { zeros } from "../../src/core/index.ts";
import { ConvLearner, type ImageClassifierData, type LearnerOptions, transformsSideOn } from "../../src/index.ts";
import { makePictures, makeWeights, temporaryFolder, tiny, tinyData } from "./tiny.ts";

let folder: string;
let weights: string;
let data: ImageClassifierData;

beforeAll(async () => {
  [folder, weights] = await Promise.all([makePictures(8, 4), makeWeights()]);
  data = await tinyData(folder, { augTfms: transformsSideOn, testName: "valid" });
});

async function learnerOf(options: Partial<LearnerOptions> = {}, of = data): Promise<ConvLearner> {
  return ConvLearner.pretrained(tiny, of, { weights, seed: 7, cache: await temporaryFolder(), ...options });
}

function expectClose(actual: ArrayLike<number>, wanted: ArrayLike<number>): void {
  expect(actual.length).toBe(wanted.length);
  for (let i = 0; i < wanted.length; i++) expect(Math.abs(actual[i]! - wanted[i]!)).toBeLessThan(1e-5);
}

/** What `ask` gives with precompute off and on, with plain activations and with views. */
async function expectSame(learner: ConvLearner, ask: () => Promise<ArrayLike<number>>): Promise<void> {
  learner.precompute = false;
  const wanted = await ask();
  expect(wanted.length).toBeGreaterThan(0);
  learner.precompute = true;
  for (const views of [0, 2]) {
    learner.precomputeViews = views;
    expectClose(await ask(), wanted);
  }
}

describe.each([0, 1, 2])("with the freeze point before group %i", (group) => {
  let learner: ConvLearner;

  beforeAll(async () => {
    learner = await learnerOf();
    learner.freezeTo(group);
    await learner.fit(0.01, 1);
    return () => learner.dispose();
  });

  test.each(["train", "valid", "test"] as const)("predictions for %s are the same", (of) =>
    expectSame(learner, async () => (await learner.predict({ of })).probabilities),
  );

  test("predictions for a folder and an array are the same", async () => {
    await expectSame(learner, async () => (await learner.predict({ of: { folder: join(folder, "valid", "red") } })).probabilities);
    await expectSame(learner, async () => (await learner.predictArray(zeros("float32", [2, 3, 32, 32]))).probabilities);
  });

  test("test-time augmentation and ensembles are the same", async () => {
    await expectSame(learner, async () => (await learner.tta(3)).probabilities);
    await expectSame(learner, async () => (await learner.tta(3, { of: "test" })).probabilities);
    const other = await learnerOf({ seed: 8 });
    await expectSame(
      learner,
      async () => (await learner.predictEnsemble([learner.parameters, other.parameters], { views: 1 })).probabilities,
    );
  });
});

test("what the finder measures on validation is the same", async () => {
  const learner = await learnerOf({}, await tinyData(folder));
  await expectSame(learner, async () => (await learner.lrFind2({ steps: 3 })).measures["validation loss"] ?? []);
});

test("activations follow the weights: after the body was trained, precompute knows the new ones", async () => {
  const learner = await learnerOf({ precompute: true });
  await learner.fit(0.01, 1);
  const { probabilities: before } = await learner.predict();
  learner.unfreeze();
  await learner.fit([0.05, 0.05, 0.01], 1);
  learner.freeze();
  const { probabilities: images } = await learner.predict();
  learner.precompute = true;
  expectClose((await learner.predict()).probabilities, images);
  expect(images).not.toEqual(before);
});

test("switched on late or off early, training goes on as if nothing were kept", async () => {
  const plain = await tinyData(folder);
  const [switched, images] = [await learnerOf({}, plain), await learnerOf({}, plain)];
  for (const precompute of [false, true, true, false, true]) {
    switched.precompute = precompute;
    await switched.fit(0.01, 1);
    await images.fit(0.01, 1);
  }
  const head = (learner: ConvLearner) => learner.parameters.get("head.fc0.weight")?.data as Float32Array;
  expectClose(head(switched), head(images));
});

test("a cache that cannot be written is no matter with precompute off, and a mistake with it on", async () => {
  const file = join(await temporaryFolder(), "file");
  await writeFile(file, "");
  const learner = await learnerOf({ cache: join(file, "cache") });
  await expect(learner.fit(0.01, 1)).resolves.toHaveLength(1);
  expect((await learner.predict()).files).toHaveLength(8);
  learner.precompute = true;
  await expect(learner.fit(0.01, 1)).rejects.toThrow("a file is where a folder should be");
});

test("test-time augmentation without chance says that it has no effect", async () => {
  const messages: string[] = [];
  const learner = await learnerOf({ onWarning: ({ message }) => void messages.push(message) }, await tinyData(folder));
  await learner.tta(2);
  expect(messages).toEqual([expect.stringContaining("Test-time augmentation has no effect")]);
});
