// Every part of the data, and images of one's own, through a network that is cut anywhere: from images or from activations, it is the same.

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { makePictures, makeWeights, temporaryFolder, tiny, tinyData } from "../../../test/learner/tiny.ts";
import { diskStore } from "../../core/store/disk.node.ts";
import { type ImageClassifierData, transformsSideOn } from "../../index.ts";
import { startParameters } from "../models/pretrained.ts";
import { cutNetwork, networkOf } from "../network.ts";
import { type CutNetwork, DataPath, type Subject } from "./data-path.ts";

let data: ImageClassifierData;
let weights: string;

beforeAll(async () => {
  weights = await makeWeights();
  data = await tinyData(await makePictures(12, 5), { testName: "valid", augTfms: transformsSideOn });
});

/** A path whose network is frozen up to layer group `group`, and the cache that it fills. */
async function pathTo(group: number): Promise<{ path: DataPath; network: CutNetwork; cache: string }> {
  const network = networkOf(tiny, { hidden: [8], ps: [0, 0] }, data.c);
  const [parameters, cache] = [await startParameters(network, { weights, seed: 1 }), await temporaryFolder()];
  const path = new DataPath({ network, data, seed: 1, session: {}, cache: diskStore(cache), precision: "fp32" });
  const stages = cutNetwork(network, (index) => index >= group).trained;
  return { path, network: { frozen: await path.open(group, parameters), stages, parameters }, cache };
}

/** The largest difference between two lists of logits, which are of the order of 1. */
function difference(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i]!)), 0);
}

test.each([1, 2])(
  "with the freeze point before group %i, the logits of every part are the same with precompute and without",
  async (group) => {
    const { path, network } = await pathTo(group);
    for (const part of ["train", "valid", "test"] as const) {
      const images = await path.logits([...data[part]], network, false, {});
      expect(images).toHaveLength(data[part].length * data.c);
      expect(difference(await path.logits(part, network, true, {}), images)).toBeLessThan(1e-5);
      expect(difference(await path.logits(part, network, false, {}), images)).toBeLessThan(1e-5);
    }
    await path.release();
  },
);

test("with nothing frozen, pixels cross the cut and nothing is kept", async () => {
  const { path, network, cache } = await pathTo(0);
  expect(await path.logits("test", network, true, {})).toEqual(await path.logits("valid", network, false, {}));
  await expect(readdir(join(cache, "activations"))).rejects.toThrow("ENOENT");
  await path.release();
});

test("of images of one's own nothing is kept", async () => {
  const { path, network, cache } = await pathTo(2);
  const subject: Subject = data.valid.slice(1, 4);
  await path.logits(subject, network, true, {});
  await expect(readdir(join(cache, "activations"))).rejects.toThrow("ENOENT");
  await path.release();
});

test("augmented views of the test images go through images with precompute too: each view is another draw", async () => {
  const { path, network } = await pathTo(2);
  const view = (draw: number) => path.augmentedLogits("test", network, draw, { task: "Predicting" });
  expect(await view(0)).toEqual(await view(0));
  expect(difference(await view(0), await view(1))).toBeGreaterThan(1e-4);
  await path.release();
});
