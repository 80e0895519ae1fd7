// Published weights against recorded outputs of other programs, on photographs and on noise.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { float32, type Tensor, tensor } from "../../src/core/index.ts";
import { type Architecture, mobileNetV2, squeezeNet11 } from "../../src/index.ts";
import { createHead, loadBody, matchParameters, networkParameters, type Parameters, readSafetensors } from "../../src/nn/index.ts";
import { readNpy } from "../npy.ts";
import { shared } from "../shared.ts";
import { runStages } from "./run-stages.ts";

const weights = `${shared}/weights`;

function read({ name }: Architecture): Map<string, Tensor<"float32">> {
  return readSafetensors(readFileSync(`${weights}/${name}.safetensors`), `${name}.safetensors`);
}

function network(architecture: Architecture): Parameters {
  return matchParameters(networkParameters(architecture), read(architecture), `${architecture.name}.safetensors`);
}

/** Crops [n, h, w, 3] of bytes as the network's input [n, 3, h, w], normalised. */
function normalised(crops: Tensor, { mean, std }: Architecture): Tensor {
  const [n = 0, height = 0, width = 0] = crops.shape;
  const pixels = height * width;
  const data = new Float32Array(crops.data.length);
  for (let i = 0; i < n * pixels; i++) {
    const [image, pixel] = [Math.floor(i / pixels), i % pixels];
    for (const c of [0, 1, 2] as const) data[(3 * image + c) * pixels + pixel] = (Number(crops.data[3 * i + c]) / 255 - mean[c]) / std[c];
  }
  return tensor("float32", [n, 3, height, width], data);
}

function columns(value: Tensor, from: number, to: number): Tensor {
  const [rows = 0, width = 0] = value.shape;
  const data = Array.from({ length: rows }, (_, i) => Array.from((value.data as Float32Array).subarray(i * width + from, i * width + to)));
  return float32(data.flat(), [rows, to - from]);
}

test.skipIf(!shared)("MobileNetV2 gives the recorded features and logits for photographs", async () => {
  const golden = `${weights}/golden/mobilenet_v2_photos`;
  const images = normalised(readNpy(`${golden}/crops_uint8_nhwc.npy`), mobileNetV2);
  const [pool] = createHead({ features: mobileNetV2.features, classes: 2 });
  if (!pool) throw new Error("The head has no pooling");
  const pooled = await runStages([...mobileNetV2.body, pool], loadBody(mobileNetV2, read(mobileNetV2), "mobilenet_v2.safetensors"), images);
  expect(columns(pooled, 0, 1280)).toBeAllClose(readNpy(`${golden}/features_maxpool.npy`), 1e-3);
  expect(columns(pooled, 1280, 2560)).toBeAllClose(readNpy(`${golden}/features_avgpool.npy`), 1e-3);
  const logits = await runStages([...mobileNetV2.body, ...mobileNetV2.classifier], network(mobileNetV2), images);
  expect(logits).toBeAllClose(readNpy(`${golden}/logits.npy`), 1e-3);
});

test.skipIf(!shared).each([0, 1])("SqueezeNet 1.1 gives the recorded output for noise %i", async (i) => {
  const golden = `${weights}/golden/squeezenet1.1_nchw/${i}`;
  const output = await runStages(
    [...squeezeNet11.body, ...squeezeNet11.classifier],
    network(squeezeNet11),
    readNpy(`${golden}/input_0.npy`),
  );
  expect(output).toBeAllClose(readNpy(`${golden}/output_0.npy`), 1e-3);
});

test.skipIf(!shared)("a file for another network is refused by name", () => {
  expect(() => loadBody(mobileNetV2, read(squeezeNet11), "squeezenet1_1.safetensors")).toThrow(
    "squeezenet1_1.safetensors contains the weights of squeezenet1_1, not of mobilenet_v2",
  );
});
