// Predictions in every mode: precompute on and off, frozen and not, for each part of the data and for images of one's own, for each kind of target.

import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { randomStream, tensor } from "../../src/core/index.ts";
import {
  ConvLearner,
  ImageClassifierData,
  type LabelArray,
  type LearnerOptions,
  metrics,
  tfmsFromModel,
  transformsSideOn,
} from "../../src/index.ts";
import { makePictures, makeWeights, temporaryFolder, tiny, tinyData } from "./tiny.ts";

let folder: string;
let weights: string;
let data: ImageClassifierData;

beforeAll(async () => {
  [folder, weights] = await Promise.all([makePictures(12, 6), makeWeights()]);
  await mkdir(join(folder, "test"));
  for (const i of [0, 1, 2]) await copyFile(join(folder, "valid", "red", `${i}.png`), join(folder, "test", `${i}.png`));
  data = await tinyData(folder, { testName: "test", augTfms: transformsSideOn });
});

async function learnerOf(options: Partial<LearnerOptions> = {}, of = data): Promise<ConvLearner> {
  return ConvLearner.pretrained(tiny, of, { weights, seed: 7, ...options });
}

function softmax(logits: Float32Array, row: number): readonly number[] {
  const powers = [0, 1].map((c) => Math.exp(logits[2 * row + c]!));
  return powers.map((power) => power / (powers[0]! + powers[1]!));
}

describe.each([
  ["frozen, from images", false, false],
  ["frozen, with precompute", true, false],
  ["with all layers unfrozen", false, true],
])("%s", (_, precompute, unfrozen) => {
  test.each(["valid", "test", "train"] as const)("the %s part is predicted plain and in views, each under its file's name", async (of) => {
    const learner = await learnerOf({ precompute });
    if (unfrozen) learner.unfreeze();
    const { files, logits, probabilities, loss } = await learner.predict({ of });
    expect(files).toEqual(data[of].map(({ name }) => name));
    expect(Array.from(probabilities.subarray(2, 4))).toEqual(softmax(logits, 1).map((p) => expect.closeTo(p, 5)));
    expect(Number.isNaN(loss)).toBe(of === "test");
    const views = await learner.tta(5, { of });
    // ceil(5/4) plain ones, then the five views.
    expect(views.stack).toHaveLength(7);
    expect(views.logitStack).toHaveLength(7);
    expect(views.stack.slice(0, 2)).toEqual([probabilities, probabilities]);
    expect(views.stack[2]).not.toEqual(views.stack[3]);
    const mean = probabilities.map((_, i) => views.stack.reduce((sum, view) => sum + view[i]! / 7, 0));
    expect(views.probabilities).toBeAllClose(mean, 1e-6);
    await learner.dispose();
  });
});

test("no view leaves the plain prediction; a part of a view is refused", async () => {
  const learner = await learnerOf();
  const { stack, probabilities } = await learner.tta(0);
  expect(stack).toEqual([]);
  expect(probabilities).toEqual((await learner.predict()).probabilities);
  await expect(learner.tta(0.5)).rejects.toThrow("Expected a whole number of at least 0 for the number of views but received 0.5");
});

test("a fitted weight of the views is no worse than the plain prediction, and any weight can be given", async () => {
  const learner = await learnerOf({ precompute: true });
  await learner.fit(0.05, 2);
  const [plain, fitted, mean] = [await learner.predict(), await learner.tta(4, { weight: "fitted" }), await learner.tta(4)];
  expect(mean.weight).toBe(0.8);
  expect(fitted.accuracy).toBeGreaterThanOrEqual(plain.accuracy);
  expect(fitted.accuracy > plain.accuracy || fitted.loss <= plain.loss).toBe(true);
  const again = await learner.tta(4, { weight: fitted.weight });
  expect(again.probabilities).toEqual(fitted.probabilities);
  expect((await learner.tta(4, { weight: 0 })).probabilities).toEqual(plain.probabilities);
  // A test set has no labels to fit to; a number serves there.
  await expect(learner.tta(4, { of: "test", weight: "fitted" })).rejects.toThrow("can be fitted only to images whose labels are known");
  expect((await learner.tta(4, { of: "test", weight: 0.3 })).weight).toBe(0.3);
  await expect(learner.tta(4, { weight: 1.5 })).rejects.toThrow(
    'Expected "mean", "fitted" or a number from 0 to 1 for the weight of the views but received 1.5',
  );
});

describe("images of one's own", () => {
  test("a folder gives the same as the data with the same images, and leaves out with a warning what cannot be read", async () => {
    const messages: string[] = [];
    const learner = await learnerOf({ precompute: true, onWarning: ({ message }) => void messages.push(message) });
    const [of, own] = [await learner.predict(), await learner.predict({ of: { folder: join(folder, "valid") } })];
    expect(own.files).toEqual(of.files.map((name) => name.replace("valid/", "")));
    expect(own.probabilities).toBeAllClose(of.probabilities, 1e-5);
    expect([own.targets[0], own.accuracy]).toEqual([-1, Number.NaN]);
    const broken = await temporaryFolder();
    await copyFile(join(folder, "test", "0.png"), join(broken, "0.png"));
    await writeFile(join(broken, "1.png"), "no image");
    expect((await learner.tta(1, { of: { folder: broken } })).files).toEqual(["0.png"]);
    expect(messages).toEqual(["1 image cannot be read and left out, the first 1.png"]);
    await expect(learner.predict({ of: { folder: await temporaryFolder() } })).rejects.toThrow("There is no image in");
  });

  test("an image by its path or its bytes, and pixels in memory", async () => {
    const learner = await learnerOf();
    const { probabilities } = await learner.predict({ of: "test" });
    const file = join(folder, "test", "1.png");
    const [byPath, byBytes] = [
      await learner.predict({ of: { image: file } }),
      await learner.predict({ of: { image: await readFile(file) } }),
    ];
    expect([byPath.files, byBytes.files]).toEqual([[file], ["image"]]);
    for (const one of [byPath, byBytes]) expect(one.probabilities).toBeAllClose(probabilities.subarray(2, 4), 1e-5);
    const images = tensor("uint8", [2, 32, 32, 3], new Uint8Array(2 * 32 * 32 * 3).fill(100));
    const same = await learner.predict({ of: { array: images } });
    expect(same.files).toEqual(["array/0", "array/1"]);
    const normalized = (channel: number) => (100 / 255 - tiny.mean[channel]!) / tiny.std[channel]!;
    const planes = Float32Array.from({ length: 3 * 32 * 32 }, (_, i) => normalized(Math.floor(i / 1024)));
    const array = await learner.predictArray(tensor("float32", [1, 3, 32, 32], planes));
    expect(array.probabilities).toBeAllClose(same.probabilities.subarray(0, 2), 1e-5);
    await expect(learner.predictArray(tensor("float32", [1, 3, 16, 16], new Float32Array(768)))).rejects.toThrow(
      "Expected [n, 3, 32, 32] for the shape of the images but received [1,3,16,16]",
    );
  });

  test("a part without images is refused", async () => {
    const learner = await learnerOf({}, await tinyData(folder));
    await expect(learner.predict({ of: "test" })).rejects.toThrow('Expected images for the part "test" of the data but received "none"');
  });
});

describe.each<[string, LabelArray, boolean]>([
  ["several labels per image", Array.from({ length: 12 }, (_, i) => [["dark"], ["light", "red"], []][i % 3] as string[]), false],
  ["numbers", Array.from({ length: 12 }, (_, i) => [i, 100 * i]), true],
])("%s", (_, labels, continuous) => {
  test("are predicted, averaged over views, and over weights", async () => {
    const random = randomStream("pixels");
    const images = tensor(
      "uint8",
      [12, 32, 32, 3],
      Uint8Array.from({ length: 12 * 3072 }, () => random.integer(0, 255)),
    );
    const tfms = tfmsFromModel(tiny, 32, { augTfms: transformsSideOn });
    const of = await ImageClassifierData.fromArrays(
      await temporaryFolder(),
      { trn: [images, labels], val: [images, labels] },
      { tfms, bs: 6, continuous, multiLabel: !continuous },
    );
    const learner = await learnerOf({}, of);
    const first = learner.parameters;
    await learner.fit(0.01, 1);
    const [plain, views] = [await learner.predict(), await learner.tta(3)];
    const valuesOf = ({ values, probabilities }: typeof views | typeof plain) => values ?? probabilities;
    expect(views.stack).toHaveLength(4);
    expect(views.stack[0]).toEqual(valuesOf(plain));
    expect(Number.isFinite(views.loss)).toBe(true);
    const before = await learner.predict({ parameters: first });
    const both = await learner.predictEnsemble([first, learner.parameters]);
    expect(both.values ?? both.probabilities).toBeAllClose(
      valuesOf(plain).map((p, i) => (p + valuesOf(before)[i]!) / 2),
      1e-5,
    );
  });
});

test("an ensemble predicts in views too: the mean of its members' means", async () => {
  const learner = await learnerOf();
  const members = [learner.parameters];
  await learner.fit(0.05, 1);
  members.push(learner.parameters);
  const [first, second] = [await learner.tta(2, { parameters: members[0] }), await learner.tta(2, { parameters: members[1] })];
  const { probabilities, stack, logitStack } = await learner.predictEnsemble(members, { views: 2 });
  expect(probabilities).toBeAllClose(
    first.probabilities.map((p, i) => (p + second.probabilities[i]!) / 2),
    1e-6,
  );
  expect(stack).toEqual([...first.stack, ...second.stack]);
  expect(logitStack).toEqual([...first.logitStack, ...second.logitStack]);
});

test("an ensemble gives the logits of each member beside its probabilities", async () => {
  const learner = await learnerOf();
  const members = [learner.parameters];
  await learner.fit(0.05, 1);
  members.push(learner.parameters);
  const plain = [await learner.predict({ parameters: members[0] }), await learner.predict({ parameters: members[1] })];
  const { stack, logitStack } = await learner.predictEnsemble(members);
  expect(logitStack).toEqual(plain.map(({ logits }) => logits));
  expect(stack).toEqual(plain.map(({ probabilities }) => probabilities));
});

test("measures of one's own are taken of each epoch, of predictions and of views", async () => {
  const learner = await learnerOf({
    precompute: true,
    metrics: {
      kappa: ({ probabilities, targets }) => metrics.cohenKappa(metrics.confusionMatrix(metrics.argmaxRows(probabilities, 2), targets, 2)),
    },
  });
  const [epoch] = await learner.fit(0.01, 1);
  const { accuracy, metrics: measured } = await learner.predict();
  // Of two classes that are equally many, kappa is 2 · accuracy − 1.
  expect(measured).toEqual({ accuracy, kappa: expect.closeTo(2 * accuracy - 1, 6) });
  expect(epoch?.metrics).toEqual(measured);
  expect((await learner.tta(1)).metrics?.kappa).toBeDefined();
});
