// The folder for transformers.js, opened by transformers.js itself offline: its pipeline gives the same answers as thaw.

import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { env, pipeline } from "@huggingface/transformers";
import { expect, test } from "vitest";
import { exportTransformers, loadClassifier } from "../../src/index.ts";
import { contents, makeModel, picture, temporaryFolder } from "../fixtures/models.ts";

env.allowRemoteModels = false;

test.each([
  ["crops the centre", {}],
  ["squashes", { preprocessing: { ...contents.preprocessing, crop: "none" } }],
  ["is calibrated", { calibration: { temperature: 4 } }],
] as const)("transformers.js gives the answers of a model that %s", async (_, changes) => {
  const model = await makeModel(changes);
  env.localModelPath = await temporaryFolder();
  for (const [path, content] of await exportTransformers(model)) {
    const file = join(env.localModelPath, "exported", path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
  const classify = await pipeline("image-classification", "exported", { dtype: "fp32", device: "cpu" });
  const own = await loadClassifier(model);
  for (const phase of [0, 2, 4]) {
    const bytes = await picture(phase);
    const answers = await classify(new Blob([Uint8Array.from(bytes)]), { top_k: 2 });
    const [theirs, ours] = [answers.map(({ label, score }) => [label, score] as const), await own.predict(bytes)];
    const expected = logOdds(ours.map((each) => [each.class, each.probability] as const));
    // Its scaling differs by a level or two per pixel; between cropping and squashing the log-odds differ by up to 0.45.
    expect(Math.abs(logOdds(theirs) - expected)).toBeLessThan(0.1);
  }
  await own.dispose();
  await classify.dispose();
});

/** The log-odds of the first class: probabilities near 1 would hide differences. */
function logOdds(of: readonly (readonly [string, number])[]): number {
  const probability = new Map(of);
  return Math.log(probability.get("cats")! / probability.get("dogs")!);
}
