// Activations that were computed before the run which reads them.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makePictures, temporaryFolder } from "../../test/learner/tiny.ts";
import { mobileNetV2, train } from "../index.ts";
import { initialiseParameters, networkParameters, writeSafetensors } from "../nn/index.ts";
import { storeFeatures } from "./store-features.ts";

test("weights without a network show which it is, and a run with them computes no activations", { timeout: 300_000 }, async () => {
  const [folder, cache, place] = [await makePictures(16, 8), await temporaryFolder(), await temporaryFolder()];
  const weights = join(place, "weights.safetensors");
  await writeFile(weights, writeSafetensors(initialiseParameters(networkParameters(mobileNetV2), "shown")));
  const computed = async (cached: string): Promise<readonly string[]> => {
    const tasks = new Set<string>();
    const out = join(await temporaryFolder(), "model");
    const options = { folder, cache: cached, weights, size: 32, bs: 8, stages: ["precompute"], epochs: [1], offline: true, out } as const;
    await train({ ...options, onEvent: (event) => void (event.event === "progress" && tasks.add(event.task)) });
    return [...tasks].filter((task) => task.startsWith("Computing activations"));
  };
  const stored = await storeFeatures({ folder, cache, weights, size: 32, offline: true });
  expect(stored.images).toEqual([32, 16]);
  expect(await computed(cache)).toEqual([]);
  expect((await computed(await temporaryFolder())).length).toBeGreaterThan(0);
});
