// Learners on images of other channels than RGB: what they start from, that they learn, and that the saved model predicts the same.

import { join } from "node:path";
import { expect, test } from "vitest";
import { randomStream, tensor } from "../../src/core/index.ts";
import {
  ConvLearner,
  exportTransformers,
  ImageClassifierData,
  loadClassifier,
  type PixelImage,
  tfmsFromModel,
  tfmsFromStats,
  thawSmall,
  transformsSideOn,
} from "../../src/index.ts";
import { makePictures, temporaryFolder } from "./tiny.ts";

const SIDE = 32;
const CHANNELS = 4;
const STEM = "blocks.0.0.weight";

/** Noise of four channels, the first of them bright where the class is 1. */
function image(label: number, key: string): PixelImage {
  const random = randomStream("channels", label, key);
  const data = Uint8Array.from({ length: SIDE * SIDE * CHANNELS }, (_, i) => {
    const value = (i % CHANNELS === 0 && label === 1 ? 190 : 70) + 30 * random.normal();
    return Math.max(0, Math.min(255, Math.round(value)));
  });
  return { width: SIDE, height: SIDE, channels: CHANNELS, data };
}

async function fourChannels(): Promise<ImageClassifierData> {
  const part = (name: string, count: number) => {
    const labels = Array.from({ length: count }, (_, i) => i % 2);
    const data = Uint8Array.from(labels.flatMap((label, i) => [...image(label, `${name}/${i}`).data]));
    return [tensor("uint8", [count, SIDE, SIDE, CHANNELS], data), labels] as const;
  };
  const statistics = { mean: Array(CHANNELS).fill(0.4), std: Array(CHANNELS).fill(0.25) };
  const tfms = tfmsFromStats(statistics, SIDE, { augTfms: transformsSideOn });
  return ImageClassifierData.fromArrays(await temporaryFolder(), { trn: part("train", 40), val: part("valid", 20) }, { tfms, bs: 10 });
}

test("arrays of four channels train from cached activations and through all layers, and the saved model predicts them", async () => {
  const data = await fourChannels();
  const learner = await ConvLearner.pretrained(thawSmall, data, { nIn: CHANNELS, precompute: true });
  const rgb = await ConvLearner.pretrained(
    thawSmall,
    await ImageClassifierData.fromPaths(await makePictures(2, 1), { tfms: tfmsFromModel(thawSmall, SIDE) }),
  );
  const [own, theirs] = [learner.parameters.get(STEM)!, rgb.parameters.get(STEM)!];
  expect(own.shape).toEqual([theirs.shape[0], CHANNELS, ...theirs.shape.slice(2)]);
  await learner.fit(0.01, 3);
  learner.unfreeze();
  learner.bnFreeze = true;
  const epochs = await learner.fit([1e-5, 1e-5, 1e-3], 1);
  expect(epochs.at(-1)?.accuracy).toBe(1);
  const taps = own.data.length / (own.shape[0] as number) / CHANNELS;
  const fourth = (values: ArrayLike<number | bigint>) =>
    Array.from(values).filter((_, i) => Math.floor(i / taps) % CHANNELS === CHANNELS - 1);
  expect(fourth(own.data).every((value) => value === 0)).toBe(true);
  expect(fourth(learner.parameters.get(STEM)!.data).some((value) => value !== 0)).toBe(true);

  const folder = join(await temporaryFolder(), "model");
  await learner.save(folder);
  const { probabilities } = await learner.predict();
  const model = await loadClassifier(folder);
  for (const i of [0, 1]) {
    const [best] = await model.predict(image(i, `valid/${i}`));
    expect(best?.class).toBe(data.classes[i]);
    expect(best?.probability).toBeCloseTo(probabilities[i * data.c + i] as number, 4);
  }
  await expect(model.predict({ width: 8, height: 8, data: new Uint8Array(192) })).rejects.toThrow(
    "Expected 4 channels for an image but received 3",
  );
  await model.dispose();
  await expect(exportTransformers(folder)).rejects.toThrow("The pipeline supports only RGB pictures, and this model is for 4 channels");
});

test("photographs are grey where the transforms say so, and the saved model makes them grey too", async () => {
  const pictures = await makePictures(12, 4);
  const data = await ImageClassifierData.fromPaths(pictures, { tfms: tfmsFromModel(thawSmall, SIDE, { channels: 1 }), bs: 8 });
  const learner = await ConvLearner.pretrained(thawSmall, data);
  expect(learner.parameters.get(STEM)?.shape[1]).toBe(1);
  await learner.fit(0.05, 3);
  const folder = join(await temporaryFolder(), "model");
  await learner.save(folder);
  const { probabilities, files } = await learner.predict();
  const model = await loadClassifier(folder);
  expect(model.description.preprocessing.mean).toHaveLength(1);
  const predictions = await model.predict(join(pictures, files[0] as string));
  expect(predictions.find((one) => one.class === data.classes[0])?.probability).toBeCloseTo(probabilities[0] as number, 4);
  await model.dispose();
});

test("channels that are not the data's are refused, for a learner and for new data", async () => {
  const data = await fourChannels();
  await expect(ConvLearner.pretrained(thawSmall, data, { nIn: 3 })).rejects.toThrow(
    "Expected 4, the channels of the data, for nIn but received 3",
  );
  const learner = await ConvLearner.pretrained(thawSmall, data);
  const grey = new ImageClassifierData({ ...data, tfms: tfmsFromModel(thawSmall, SIDE, { channels: 1 }) });
  await expect(learner.setData(grey)).rejects.toThrow("Expected 4 channels for the new data but received 1");
  const five = tfmsFromStats({ mean: Array(5).fill(0), std: Array(5).fill(1) }, SIDE);
  await expect(ImageClassifierData.fromPaths(await makePictures(2, 1), { tfms: five })).rejects.toThrow(
    "Expected 1 or 3 for the number of means of photographs' transforms but received 5",
  );
});
