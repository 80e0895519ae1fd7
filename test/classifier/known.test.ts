// A model that knows how its classes' photographs look, and answers none of them for others; saved, exported and described.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import {
  ConvLearner,
  describeOnnx,
  exportOnnx,
  ImageClassifierData,
  loadClassifier,
  squeezeNet11,
  tfmsFromModel,
} from "../../src/index.ts";
import { thaw } from "../cli/command.ts";
import { contents, decoder, makeModel, picture, temporaryFolder } from "../fixtures/models.ts";

const IMAGES = 24;

/** Waves whose phases differ little within a class. */
async function waves(): Promise<ImageClassifierData> {
  const images = await Promise.all(Array.from({ length: IMAGES }, async (_, i) => decoder.decode(await picture((i % 2) * 2 + i / 100))));
  const [{ width, height }] = images as [(typeof images)[number]];
  const array = {
    type: "uint8",
    shape: [IMAGES, height, width, 3],
    data: new Uint8Array(Buffer.concat(images.map(({ data }) => data))),
  } as const;
  const part = [array, images.map((_, i) => (i % 2 === 0 ? "cats" : "dogs"))] as const;
  return ImageClassifierData.fromArrays(
    await temporaryFolder(),
    { trn: part, val: part },
    { tfms: tfmsFromModel(squeezeNet11, contents.preprocessing.size), bs: 8 },
  );
}

/** Black, but for one white pixel. */
const strange = { width: 90, height: 70, channels: 3, data: Uint8Array.from({ length: 90 * 70 * 3 }, (_, i) => (i < 3 ? 255 : 0)) };

test("calibrate with known makes a model that turns away what is unlike its photographs, here and exported", async () => {
  const data = await waves();
  const learner = await ConvLearner.load(await makeModel(), data);
  const tasks: string[] = [];
  const { known } = await learner.calibrate({
    known: 0.9,
    onProgress: ({ task, done, total }) => tasks.push(`${task}: ${done} of ${total}`),
  });
  // With a thousand classes this takes longest.
  expect(tasks).toContain("Leaving classes out in turn: 2 of 2");
  expect(known).toMatchObject({ keep: 0.9 });
  expect(known?.limit).toBeGreaterThan(0);
  expect(known?.kept).toBeGreaterThan(0.5);
  expect(known?.newClass).toBeGreaterThanOrEqual(0);
  const folder = join(await temporaryFolder(), "model");
  await learner.save(folder);
  expect(learner.calibration?.known).toEqual({ limit: known?.limit, keep: 0.9 });
  await learner.fit(0.01, 1);
  expect(learner.calibration).toBeUndefined();
  await learner.dispose();

  const model = await loadClassifier(folder);
  const answers = await Promise.all(Array.from({ length: IMAGES }, async (_, i) => model.predict(await picture((i % 2) * 2 + i / 100))));
  const [far] = await model.predict(strange as never);
  await model.dispose();
  const kept = answers.filter(([best]) => best?.present);
  // The limit keeps the share of the images that it was fitted to.
  expect(kept.length).toBe(Math.ceil(0.9 * IMAGES));
  expect(answers.every(([best]) => best?.present === (best?.distance ?? Number.NaN) <= 1)).toBe(true);
  expect(far?.present).toBe(false);
  expect(far?.distance).toBeGreaterThan(1);

  expect(await describeOnnx(folder)).toMatchObject({ noneAbove: { name: "distance", distance: 1 } });
  const session = await InferenceSession.create(await exportOnnx(folder));
  const { distance } = await session.run({ pixels: new Tensor("uint8", strange.data, [1, 70, 90, 3]) });
  await session.release();
  expect(Number(distance?.data[0])).toBeCloseTo(far?.distance ?? Number.NaN, 1);

  const info = thaw("info", folder);
  expect(info.stdout).toContain("none of the classes farther from them than 90.0 % of the validation photographs");
  expect(JSON.parse(await readFile(join(folder, "model.json"), "utf8"))).toMatchObject({
    version: 4,
    calibration: { known: { keep: 0.9 } },
  });
});
