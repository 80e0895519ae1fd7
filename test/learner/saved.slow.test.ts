// A model that was saved goes on being trained: on other data, with new classes, at another size; and its calibration goes with it.

import { join } from "node:path";
import sharp from "sharp";
import { beforeAll, describe, expect, test } from "vitest";
import { randomStream, tensor } from "../../src/core/index.ts";
import { ConvLearner, ImageClassifierData, loadClassifier, metrics, tfmsFromModel, tfmsFromStats, thawSmall } from "../../src/index.ts";
import { temporaryFolder } from "./tiny.ts";

const COLOURS: Readonly<Record<string, readonly number[]>> = { blue: [60, 60, 200], green: [60, 200, 60], red: [200, 60, 60] };

let folder: string;
let model: string;
let learner: ConvLearner;

/** Noisy pictures of the colours that `classes` name, in their order. */
async function dataOf(classes: readonly string[], { size = 32, perClass = 8, continuous = false } = {}): Promise<ImageClassifierData> {
  const random = randomStream("colours", classes.join());
  const labels = classes.flatMap((name) => Array<string>(perClass).fill(name));
  const pixels = labels.flatMap((name) =>
    Array.from({ length: 1024 }, () => (COLOURS[name] as number[]).map((mean) => mean + random.integer(-50, 50))),
  );
  const images = tensor("uint8", [labels.length, 32, 32, 3], Uint8Array.from(pixels.flat()));
  const y = continuous ? labels.map((name) => [classes.indexOf(name)]) : labels;
  const tfms = tfmsFromModel(thawSmall, size, { crop: "none" });
  return ImageClassifierData.fromArrays(
    folder,
    { trn: [images, y], val: [images, y] },
    { tfms, bs: 8, ...(continuous ? { continuous, classes: ["n"] } : { classes }) },
  );
}

beforeAll(async () => {
  folder = await temporaryFolder();
  model = join(folder, "model");
  learner = await ConvLearner.pretrained(thawSmall, await dataOf(["blue", "red"]), { precompute: true, xtraFc: [16], ps: 0 });
  await learner.fit(0.01, 25);
  await learner.save(model);
}, 60_000);

function row(of: ConvLearner, name: string, index: number): readonly number[] {
  const { data, shape } = of.parameters.get(name) as { data: Float32Array; shape: readonly number[] };
  const length = data.length / (shape[0] as number);
  return Array.from(data.subarray(index * length, (index + 1) * length));
}

describe("ConvLearner.load", () => {
  test("predicts what the saved learner predicts, and keeps its head and history", async () => {
    const loaded = await ConvLearner.load(model, await dataOf(["blue", "red"]));
    expect((await loaded.predict()).probabilities).toBeAllClose((await learner.predict()).probabilities, 1e-6);
    expect(loaded.network.head).toEqual({ hidden: [16], ps: [0, 0] });
    expect(loaded.trained).toEqual([2]);
    const { description } = await loadClassifier(model);
    expect(description.training).toMatchObject({ seed: 42, history: Array.from({ length: 25 }, (_, i) => ({ epoch: i + 1 })) });
  });

  test("goes on with new classes, old ones keeping their rows whatever the order", async () => {
    const data = await dataOf(["green", "red", "blue"]);
    const loaded = await ConvLearner.load(model, data);
    for (const name of ["head.fc1.weight", "head.fc1.bias"]) {
      expect(row(loaded, name, 2)).toEqual(row(learner, name, 0));
      expect(row(loaded, name, 1)).toEqual(row(learner, name, 1));
    }
    expect(row(loaded, "head.fc0.weight", 3)).toEqual(row(learner, "head.fc0.weight", 3));
    expect(row(loaded, "head.fc1.bias", 0)).toEqual([0]);
    loaded.precompute = true;
    const epochs = await loaded.fit(0.01, 25);
    expect(epochs.at(-1)?.accuracy).toBeGreaterThan(0.9);
  });

  test("at another size, the weights are those of the model", async () => {
    const loaded = await ConvLearner.load(model, await dataOf(["blue", "red"], { size: 48 }));
    expect(row(loaded, "blocks.0.0.weight", 0)).toEqual(row(learner, "blocks.0.0.weight", 0));
    expect(Number.isFinite((await loaded.predict()).loss)).toBe(true);
  });

  test("says which classes the data lacks, and drops them only when told to", async () => {
    const data = await dataOf(["green", "red"]);
    await expect(ConvLearner.load(model, data)).rejects.toThrow(`The data lacks 1 of the 2 classes that the model in ${model} knows: blue`);
    const loaded = await ConvLearner.load(model, data, { dropClasses: true });
    expect(row(loaded, "head.fc1.bias", 1)).toEqual(row(learner, "head.fc1.bias", 1));
  });

  test("refuses data of another kind, of another normalisation, and what is no model", async () => {
    await expect(ConvLearner.load(model, await dataOf(["blue", "red"], { continuous: true }))).rejects.toThrow(
      `Expected targets of the kind "single", as the model in ${model} has, for the data but received "continuous"`,
    );
    const images = tensor("uint8", [2, 32, 32, 3], new Uint8Array(6144));
    const tfms = tfmsFromStats({ mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] }, 32);
    const data = await ImageClassifierData.fromArrays(folder, { trn: [images, ["blue", "red"]], val: [images, ["blue", "red"]] }, { tfms });
    await expect(ConvLearner.load(model, data)).rejects.toThrow(
      `The data is not normalised as the model in ${model} was trained: mean 0.485`,
    );
    await expect(ConvLearner.load(folder, data)).rejects.toThrow(`${folder} is not a model folder`);
  });
});

test("numbers go on in the scale that the model was trained in", async () => {
  const numbers = join(folder, "numbers");
  const first = await ConvLearner.pretrained(thawSmall, await dataOf(["blue", "red"], { continuous: true }), { xtraFc: [] });
  await first.save(numbers);
  const other = await dataOf(["blue", "green", "red"], { continuous: true });
  const loaded = await ConvLearner.load(numbers, other);
  // The last layer starts at zeros, which stand for the mean of the first data: a half.
  expect((await loaded.predict()).values?.[0]).toBeCloseTo(0.5, 6);
});

describe("calibrate", () => {
  test("fits a temperature that few right answers do not make sure of everything; predictions follow it until training goes on", async () => {
    const before = await learner.predict();
    const { temperature, loss, calibrationError } = await learner.calibrate();
    const spread = 1 / (before.targets.length + 1);
    expect(temperature).toBeCloseTo(metrics.fitTemperature(before.logits, before.targets, { spread }), 6);
    const after = await learner.predict();
    expect(loss).toEqual([before.loss, after.loss]);
    expect(calibrationError?.[1]).toBeCloseTo(metrics.calibrationError(after.probabilities, after.targets), 6);
    expect(after.logits).toEqual(before.logits);
    expect(learner.calibration).toEqual({ temperature });
    await learner.fit(0.001, 1);
    expect(learner.calibration).toBeUndefined();
  });

  test("with keep, a saved model answers none of these below the threshold, and has the calibrated probabilities", async () => {
    const { noneBelow = 0, answered } = await learner.calibrate({ keep: 0.75 });
    expect(answered).toBeGreaterThanOrEqual(0.75);
    const { probabilities } = await learner.predict();
    const calibrated = join(folder, "calibrated");
    await learner.save(calibrated);
    const picture = join(folder, "picture.png");
    await sharp(Buffer.alloc(3072, 130), { raw: { width: 32, height: 32, channels: 3 } })
      .png()
      .toFile(picture);
    const { probabilities: own } = await learner.predict({ of: { image: picture } });
    const classifier = await loadClassifier(calibrated);
    expect(classifier.description.calibration).toEqual(learner.calibration);
    for (const found of await classifier.predict(picture)) {
      const probability = own[classifier.classes.indexOf(found.class)] as number;
      expect(found.probability).toBeCloseTo(probability, 5);
      expect(found.present).toBe(probability >= noneBelow && probability >= 0.5);
    }
    const best = Array.from({ length: 16 }, (_, i) => Math.max(probabilities[2 * i]!, probabilities[2 * i + 1]!));
    expect(best.filter((p) => p >= noneBelow).length / 16).toBeCloseTo(answered as number, 6);
    await classifier.dispose();
  });

  test("weights other than the learner's are saved without its calibration", async () => {
    await learner.calibrate();
    const other = join(folder, "other");
    await learner.save(other, {}, new Map(learner.parameters));
    expect((await loadClassifier(other)).description.calibration).toBeUndefined();
  });

  test("is refused where there are no probabilities", async () => {
    const numbers = await ConvLearner.pretrained(thawSmall, await dataOf(["blue", "red"], { continuous: true }), { xtraFc: [] });
    await expect(numbers.calibrate()).rejects.toThrow('Expected classes for the data to calibrate on but received "numbers, which have no');
  });
});
