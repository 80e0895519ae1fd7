// Export of models whose network came from an ONNX file: plain ONNX Runtime gives the same answers as thaw.

import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { beforeAll, expect, test } from "vitest";
import {
  ConvLearner,
  exportOnnx,
  exportTransformers,
  ImageClassifierData,
  loadClassifier,
  resnet18,
  tfmsFromModel,
} from "../../src/index.ts";
import { decoder, picture } from "../fixtures/models.ts";
import { ONNX_SIZE, onnxPath } from "../fixtures/onnx-models.ts";
import { makePictures, temporaryFolder } from "../learner/tiny.ts";

let pictures: string;
beforeAll(async () => {
  pictures = await makePictures(8, 4);
});

/** The folder of a model trained for one epoch from the network in test/onnx/<file>. */
async function trained(file: string): Promise<string> {
  const data = await ImageClassifierData.fromPaths(pictures, { tfms: tfmsFromModel(resnet18, ONNX_SIZE), bs: 8 });
  const learner = await ConvLearner.fromOnnx(onnxPath(file), data, { xtraFc: [] });
  await learner.fit(0.01, 1);
  const model = join(await temporaryFolder(), "model");
  await learner.save(model);
  await learner.dispose();
  return model;
}

/** The only output of the network in `bytes`. */
async function run(bytes: Uint8Array, input: Tensor): Promise<number[]> {
  const session = await InferenceSession.create(bytes);
  const results = await session.run({ [session.inputNames[0] as string]: input });
  await session.release();
  return [...(results[session.outputNames[0] as string]!.data as Float32Array)];
}

test.each(["convolutions.legacy13.norms.onnx", "transformer.dynamo18.onnx", "keras.legacy17.onnx"])(
  "a model trained from %s is exported in both formats",
  async (file) => {
    const folder = await trained(file);
    const bytes = await picture();
    const model = await loadClassifier(folder);
    const predictions = await model.predict(bytes);
    const { mean, std } = model.description.preprocessing;
    const expected = model.classes.map((name) => predictions.find((each) => each.class === name)!.probability);
    const { width, height, data } = await decoder.decode(bytes);
    expect(await run(await exportOnnx(folder), new Tensor("uint8", data, [1, height, width, 3]))).toBeAllClose(expected, 0.002);

    // A picture with a single colour is not changed by scaling: only the network and its normalisation are compared.
    const level = 100;
    const plain = { width: ONNX_SIZE, height: ONNX_SIZE, data: new Uint8Array(3 * ONNX_SIZE ** 2).fill(level) };
    const area = ONNX_SIZE ** 2;
    const planes = Float32Array.from(
      { length: 3 * area },
      (_, i) => (level / 255 - mean[Math.floor(i / area)]!) / std[Math.floor(i / area)]!,
    );
    const network = (await exportTransformers(folder)).get("onnx/model.onnx") as Uint8Array;
    const logits = await run(network, new Tensor("float32", planes, [1, 3, ONNX_SIZE, ONNX_SIZE]));
    const exported = await run(await exportOnnx(folder), new Tensor("uint8", plain.data, [1, ONNX_SIZE, ONNX_SIZE, 3]));
    expect(exported[0]! / exported[1]!).toBeCloseTo(Math.exp(logits[0]! - logits[1]!), 3);
    await model.dispose();
  },
  60_000,
);
