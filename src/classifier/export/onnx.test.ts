// Exported models in plain ONNX Runtime: from pixels of any size to thaw's own answers.

import { InferenceSession, Tensor } from "onnxruntime-node";
import { beforeAll, describe, expect, test } from "vitest";
import { decoder } from "#decode";
import { contents, makeModel, picture, withTrainedNorms } from "../../../test/fixtures/models.ts";
import { runExported } from "../../../test/fixtures/run-exported.ts";
import { parseModel } from "../../graph/model.ts";
import { exportOnnx, exportTransformers, loadClassifier, loadRegressor, type Prediction } from "../../index.ts";

test.each([
  ["of classes", {}],
  ["with a temperature", { calibration: { temperature: 3 } }],
  ["that squashes", { preprocessing: { ...contents.preprocessing, crop: "none" } }],
  ["with a border", { preprocessing: { ...contents.preprocessing, pad: 3 } }],
  ["of labels", { target: { kind: "multi", threshold: 0.5 } }],
] as const)("a model %s gives the same answers in ONNX Runtime as in thaw", async (_, changes) => {
  const folder = await makeModel(changes);
  const bytes = await picture();
  const model = await loadClassifier(folder);
  const predictions = await model.predict(bytes);
  await model.dispose();
  const expected = probabilitiesOf(predictions, model.classes);
  // Seeded weights barely separate pictures, so a difference of one level in one pixel of a thousand is visible.
  expect(await runExported(await exportOnnx(folder), await decoder.decode(bytes))).toBeAllClose(expected, 0.02);
});

test("a regression model gives numbers in their own units", async () => {
  const folder = await makeModel({ classes: ["age", "size"], target: { kind: "continuous", mean: [40, 2], std: [10, 0.5] } });
  const bytes = await picture();
  const model = await loadRegressor(folder);
  const values = await model.predict(bytes);
  await model.dispose();
  expect(await runExported(await exportOnnx(folder), await decoder.decode(bytes))).toBeAllClose([...values.values()], 0.02);
});

describe("a network with batch norm in body and head", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await makeModel(
      { architecture: "thaw_small_first", head: { hidden: [16], ps: [0.25, 0.5] }, calibration: { temperature: 10 } },
      withTrainedNorms,
    );
  });

  test("gives two different pictures in one batch the answers that thaw gives each", async () => {
    const first = await decoder.decode(await picture());
    const images = [first, { ...first, data: first.data.map((value) => 255 - value) }];
    const model = await loadClassifier(folder);
    const expected: number[][] = [];
    for (const image of images) expected.push(probabilitiesOf(await model.predict(image), model.classes));
    await model.dispose();
    expect(Math.abs(expected[0]![0]! - expected[1]![0]!)).toBeGreaterThan(0.03);

    const { width, height } = first;
    const pixels = new Uint8Array(Buffer.concat(images.map(({ data }) => data)));
    const session = await InferenceSession.create(await exportOnnx(folder));
    const { probabilities } = await session.run({ pixels: new Tensor("uint8", pixels, [2, height, width, 3]) });
    await session.release();
    expect(probabilities?.dims).toEqual([2, 2]);
    expect(probabilities?.data as Float32Array).toBeAllClose(expected.flat(), 0.005);
  });

  test("has no batch norm in either format", async () => {
    const files = [await exportOnnx(folder), (await exportTransformers(folder)).get("onnx/model.onnx") as Uint8Array];
    for (const bytes of files) {
      const operators = parseModel(bytes).graph?.node.map(({ opType }) => opType);
      expect(operators).toContain("Conv");
      expect(operators).not.toContain("BatchNormalization");
    }
  });
});

test.each([
  ["of classes", { classes: ['a "cat", black', "größer"] }, { kind: "single" }],
  ["of classes or none of them", { calibration: { temperature: 3, noneBelow: 0.8 } }, { kind: "single", none_below: "0.8" }],
  ["of labels", { classes: ["beach", "rain", "sun"], target: { kind: "multi", threshold: 0.4 } }, { kind: "multi", threshold: "0.4" }],
  ["of numbers", { classes: ["age"], target: { kind: "continuous", mean: [40], std: [10] } }, { kind: "continuous" }],
] as const)("the metadata of a model %s describes its outputs", async (_, changes, said) => {
  const { metadataProps } = parseModel(await exportOnnx(await makeModel(changes)));
  const { classes, ...others } = Object.fromEntries(metadataProps.map(({ key, value }) => [key, value]));
  expect(JSON.parse(classes as string)).toEqual("classes" in changes ? changes.classes : contents.classes);
  expect(others).toEqual({ architecture: "squeezenet1_1", ...said });
});

/** In the order of the classes. */
function probabilitiesOf(predictions: readonly Prediction[], classes: readonly string[]): number[] {
  return classes.map((name) => predictions.find((each) => each.class === name)!.probability);
}
