// A network and a data set small enough for tests: two classes of noisy 40 × 30 pictures, one bluish and one reddish.

import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { randomStream } from "../../src/core/index.ts";
import { type Architecture, type AugmentSpec, ImageClassifierData, tfmsFromModel } from "../../src/index.ts";
import { batchNorm, bodyParameters, conv2d, initialiseParameters, relu, type Stage, writeSafetensors } from "../../src/nn/index.ts";

const block = (name: string, group: number, channels: number): Stage => ({
  name,
  group,
  apply: (scope, x) =>
    relu(scope, batchNorm(scope, `${name}.bn`, conv2d(scope, `${name}.conv`, x, { channels, kernel: 3, stride: 2, padding: 1 }))),
});

/** Three convolutions at 32 pixels; groups 0 and 1. */
export const tiny: Architecture = {
  name: "tiny",
  body: [block("a", 0, 6), block("b", 0, 8), block("c", 1, 10)],
  classifier: [],
  features: 10,
  size: 32,
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
};

export async function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), "thaw-test-"));
}

/** Writes train and valid folders of `train` and `valid` pictures per class and returns the data set's folder. */
export async function makePictures(train: number, valid: number): Promise<string> {
  const root = join(await temporaryFolder(), "pictures");
  for (const [part, count] of [
    ["train", train],
    ["valid", valid],
  ] as const) {
    for (const [label, name] of ["blue", "red"].entries()) {
      await mkdir(join(root, part, name), { recursive: true });
      for (let i = 0; i < count; i++)
        await sharp(picture(label, `${part}/${i}`), { raw: { width: 40, height: 30, channels: 3 } })
          .png()
          .toFile(join(root, part, name, `${i}.png`));
    }
  }
  return root;
}

function picture(label: number, key: string): Uint8Array {
  const random = randomStream("picture", label, key);
  return Uint8Array.from({ length: 40 * 30 * 3 }, (_, i) => {
    const bright = i % 3 === (label === 0 ? 2 : 0);
    return Math.max(0, Math.min(255, Math.round((bright ? 170 : 100) + 60 * random.normal())));
  });
}

/** The safetensors file of a random body; another `key` draws another. */
export async function makeWeights(key = "tiny weights"): Promise<string> {
  const file = join(await temporaryFolder(), "tiny.safetensors");
  await writeFile(file, writeSafetensors(initialiseParameters(bodyParameters(tiny), key)));
  return file;
}

export async function tinyData(
  folder: string,
  options: { bs?: number; testName?: string; size?: number; augTfms?: readonly AugmentSpec[]; crop?: "none" | "center" } = {},
): Promise<ImageClassifierData> {
  const { bs = 8, testName, size = 32, ...transforms } = options;
  const tfms = tfmsFromModel(tiny, size, { crop: "none", ...transforms });
  return ImageClassifierData.fromPaths(folder, { tfms, bs, ...(testName && { valName: "valid", testName }) });
}
