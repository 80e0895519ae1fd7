// Heads other than the usual one: they train, are saved as data, and predict the same where they are loaded.

import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { ConvLearner, ImageClassifierData, type LearnerOptions, loadClassifier, tfmsFromModel, thawSmall } from "../../src/index.ts";
import { makePictures, temporaryFolder } from "./tiny.ts";

let folder: string;
let data: ImageClassifierData;

beforeAll(async () => {
  folder = await makePictures(8, 4);
  data = await ImageClassifierData.fromPaths(folder, { tfms: tfmsFromModel(thawSmall, 32, { crop: "none" }), bs: 8 });
});

describe.each<[string, LearnerOptions]>([
  ["a convolution before the pooling", { customHead: [{ conv: "classes", kernel: 1 }, "averagePool"] }],
  ["pooling, then layers of one's own", { customHead: ["maxPool", "batchNorm", { dropout: 0.1 }, { linear: "classes" }] }],
  ["a body without its last stage", { xtraCut: 1, xtraFc: [] }],
])("%s", (_, options) => {
  test("learns from cached activations as from images, and is saved and loaded as data", async () => {
    const [cached, images] = [true, false].map((precompute) => ConvLearner.pretrained(thawSmall, data, { ...options, precompute }));
    const learner = (await cached) as ConvLearner;
    const epochs = await learner.fit(0.01, 1);
    const same = await ((await images) as ConvLearner).fit(0.01, 1);
    expect(epochs.map(({ validLoss }) => validLoss)).toEqual(same.map(({ validLoss }) => expect.closeTo(validLoss, 3)));
    const model = join(await temporaryFolder(), "model");
    await learner.save(model);
    const { probabilities, files } = await learner.predict();
    const classifier = await loadClassifier(model);
    const found = await classifier.predict(join(folder, files[0] as string));
    const first = found.find((prediction) => prediction.class === "blue");
    expect(first?.probability).toBeCloseTo(probabilities[0] as number, 5);
    await classifier.dispose();
    await learner.dispose();
  });
});

test("a custom head leaves no room for ps and xtraFc", async () => {
  const customHead = ["averagePool", { linear: "classes" }] as const;
  await expect(ConvLearner.pretrained(thawSmall, data, { customHead, ps: 0.5 })).rejects.toThrow(
    "A customHead has its own layers and dropout",
  );
});
