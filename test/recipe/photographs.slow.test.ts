// The cached-activation stage on real photographs with real weights: a known accuracy.

import { copyFile, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ConvLearner, ImageClassifierData, mobileNetV2, tfmsFromModel } from "../../src/index.ts";
import { temporaryFolder } from "../learner/tiny.ts";
import { shared } from "../shared.ts";

/** Copies the first photographs of each class and part: 100 to train on, 50 to validate on. */
async function somePhotographs(from: string): Promise<string> {
  const root = join(await temporaryFolder(), "photographs");
  for (const [part, count] of [
    ["train", 100],
    ["valid", 50],
  ] as const) {
    for (const name of ["cats", "dogs"]) {
      await mkdir(join(root, part, name), { recursive: true });
      const files = (await readdir(join(from, part, name))).sort().slice(0, count);
      await Promise.all(files.map((file) => copyFile(join(from, part, name, file), join(root, part, name, file))));
    }
  }
  return root;
}

test.skipIf(!shared)(
  "200 photographs of cats and dogs, MobileNetV2 at 160 pixels: an accuracy of at least 0.93 from cached activations",
  async () => {
    const data = await ImageClassifierData.fromPaths(await somePhotographs(`${shared}/data/dogscats`), {
      tfms: tfmsFromModel(mobileNetV2, 160),
    });
    const learner = await ConvLearner.pretrained(mobileNetV2, data, {
      precompute: true,
      weights: `${shared}/weights/mobilenet_v2.safetensors`,
    });
    const epochs = await learner.fit(0.01, 3, { cycleLen: 1, cycleMult: 2 });
    expect(epochs.at(-1)?.accuracy).toBeGreaterThanOrEqual(0.93);
    await learner.dispose();
  },
  120_000,
);
