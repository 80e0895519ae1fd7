// The file that the option `weights` refers to, and a learner whose network's weights come from the hub.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { sha256, startHub } from "../../../test/fixtures/hub-server.ts";
import { formulaParameters } from "../../../test/reference/formula.ts";
import type { Tensor } from "../../core/index.ts";
import {
  ConvLearner,
  ImageClassifierData,
  mobileNetV2,
  resnet18,
  squeezeNet11,
  tfmsFromModel,
  thawSmall,
  type Warning,
} from "../../index.ts";
import { type HubFile, loadBody, writeSafetensors } from "../index.ts";
import { findWeights } from "./find-weights.node.ts";

function folder(...files: readonly string[]): string {
  const made = mkdtempSync(join(tmpdir(), "weights-"));
  onTestFinished(() => rmSync(made, { recursive: true }));
  for (const file of files) writeFileSync(join(made, file), "x");
  return made;
}

/** Starts a hub with one file and points the environment's variables to it. */
async function hubOf(content: Buffer, file: HubFile) {
  const hub = await startHub(content, undefined, file);
  vi.stubEnv("HF_ENDPOINT", hub.address);
  vi.stubEnv("HF_HOME", folder());
  onTestFinished(() => void vi.unstubAllEnvs());
  return hub;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Buffer => Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);

/** timm's file of MobileNetV2, with values by formula. */
function timmFile(): { tensors: Map<string, Tensor<"float32">>; content: Buffer } {
  const { networks } = JSON.parse(readFileSync(new URL("../../../test/reference/timm.json", import.meta.url), "utf8"));
  const shapes = Object.entries(networks.mobilenet_v2.tensors) as [string, number[]][];
  const tensors = formulaParameters(shapes.map(([name, shape]) => ({ name, shape, kind: "scale" })));
  return { tensors: new Map(tensors) as Map<string, Tensor<"float32">>, content: Buffer.from(writeSafetensors(tensors)) };
}

function smallData(mean: readonly [number, number, number] = mobileNetV2.mean): Promise<ImageClassifierData> {
  const pixels = { type: "uint8", shape: [4, 32, 32, 3], data: new Uint8Array(4 * 32 * 32 * 3).map((_, i) => i % 251) } as const;
  const tfms = tfmsFromModel({ ...mobileNetV2, mean }, 32);
  return ImageClassifierData.fromArrays(folder(), { trn: [pixels, [0, 1, 0, 1]], val: [pixels, [0, 1, 0, 1]] }, { tfms });
}

test("a learner without named weights downloads the network's first row, with timm's names, and reports its progress", async () => {
  const { tensors, content } = timmFile();
  const { requests } = await hubOf(content, { repository: "timm/mobilenetv2_100.ra_in1k", file: "model.safetensors", revision: "main" });
  const tasks = new Set<string>();
  const learner = await ConvLearner.pretrained(mobileNetV2, await smallData(), { onProgress: ({ task }) => tasks.add(task) });
  for (const [name, { data }] of loadBody(mobileNetV2, tensors, "file"))
    expect(bytesOf(learner.parameters.get(name)!.data).equals(bytesOf(data)), name).toBe(true);
  expect([...tasks]).toEqual(["Downloading timm/mobilenetv2_100.ra_in1k/model.safetensors"]);
  const asked = requests.length;
  const again = await ConvLearner.pretrained(mobileNetV2, await smallData(), { weights: "mobilenetv2_100.ra_in1k", offline: true });
  expect(again.parameters.get("features.0.0.weight")).toEqual(learner.parameters.get("features.0.0.weight"));
  expect(requests).toHaveLength(asked);
});

test("data that is normalised differently from the weights causes a warning", async () => {
  await hubOf(timmFile().content, { repository: "timm/mobilenetv2_100.ra_in1k", file: "model.safetensors", revision: "main" });
  const warnings: Warning[] = [];
  await ConvLearner.pretrained(mobileNetV2, await smallData([0.5, 0.5, 0.5]), { onWarning: (warning) => warnings.push(warning) });
  expect(warnings.map(({ message }) => message)).toEqual([
    "mobilenetv2_100.ra_in1k was trained on images normalised with mean 0.485, 0.456, 0.406 and deviation 0.229, 0.224, 0.225, not as the data is",
  ]);
});

test("hf: names any file of the hub, at any revision", async () => {
  const content = Buffer.from("a file");
  await hubOf(content, { repository: "owner/name", file: "deep/weights.safetensors", revision: "v1.0" });
  const { path } = await findWeights(resnet18, "hf:owner/name/deep/weights.safetensors@v1.0");
  expect(sha256(readFileSync(path))).toBe(sha256(content));
  await expect(findWeights(resnet18, "hf:owner/other")).rejects.toThrow("Cannot get owner/other/model.safetensors");
});

test("a folder refers to the safetensors file in it", async () => {
  const one = folder("config.json", "weights.safetensors");
  expect(await findWeights(resnet18, one)).toEqual({ path: join(one, "weights.safetensors") });
  const several = folder("a.safetensors", "model.safetensors");
  expect(await findWeights(resnet18, several)).toEqual({ path: join(several, "model.safetensors") });
  const sharded = folder("m-1.safetensors", "m-2.safetensors", "m.safetensors.index.json");
  expect(await findWeights(resnet18, sharded)).toEqual({ path: join(sharded, "m.safetensors.index.json") });
  await expect(findWeights(resnet18, folder("a.safetensors", "b.safetensors"))).rejects.toThrow("holds 2 safetensors files");
  await expect(findWeights(resnet18, folder("README.md"))).rejects.toThrow("holds no safetensors file");
});

test("a pickle is refused with the way to convert it, given directly and in a folder", async () => {
  const made = folder("pytorch_model.bin");
  const refused = expect.objectContaining({
    message: `${join(made, "pytorch_model.bin")} is a PyTorch file (a pickle), not safetensors`,
    hint: expect.stringContaining("A pickle is a program, which thaw does not run."),
  });
  await expect(findWeights(resnet18, made)).rejects.toEqual(refused);
  await expect(findWeights(resnet18, join(made, "pytorch_model.bin"))).rejects.toEqual(refused);
  await expect(findWeights(squeezeNet11, undefined)).rejects.toThrow("The weights of squeezenet1_1 are not published as safetensors");
});

test("the error for an unknown name lists the known ones; for another network's row it names that network", async () => {
  await expect(findWeights(resnet18, "resnet18.b2")).rejects.toEqual(
    expect.objectContaining({
      message: "There is no file, folder or published weights called resnet18.b2",
      hint: "Give the path of a safetensors file, or for resnet18 one of resnet18.tv_in1k, resnet18.a1_in1k.",
    }),
  );
  await expect(findWeights(resnet18, "resnet34.a1_in1k")).rejects.toThrow("resnet34.a1_in1k are weights of resnet34, not of resnet18");
  expect((await findWeights(thawSmall, "thaw_small")).path).toMatch(/weights\/thaw_small\.safetensors$/);
});
