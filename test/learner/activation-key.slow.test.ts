// When activations are used again: the same content, whatever it is called; and anything else gets an entry of its own.

import { copyFile, cp, readdir, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { type Architecture, ConvLearner, type LearnerOptions, randomFlip } from "../../src/index.ts";
import { bodyParameters, initialiseParameters, relu, writeSafetensors } from "../../src/nn/index.ts";
import { makePictures, makeWeights, temporaryFolder, tiny, tinyData } from "./tiny.ts";

let folder: string;
let weights: string;
let cache: string;

interface Run extends Partial<LearnerOptions> {
  architecture?: Architecture;
  data?: Parameters<typeof tinyData>[1];
  group?: number;
  photos?: string;
}

/** Trains for an epoch on activations; the number of images that were computed for it. */
async function computedBy({ architecture = tiny, data, group = 2, photos = folder, ...options }: Run = {}): Promise<number> {
  const done = new Map<string, { first: number; last: number }>();
  const onProgress: LearnerOptions["onProgress"] = ({ task, done: now }) => {
    if (task.startsWith("Computing")) done.set(task, { first: done.get(task)?.first ?? now, last: now });
  };
  const of = await tinyData(photos, data);
  const learner = await ConvLearner.pretrained(architecture, of, { weights, seed: 7, precompute: true, cache, onProgress, ...options });
  learner.freezeTo(group);
  await learner.fit(0.01, 1);
  return [...done.values()].reduce((sum, { first, last }) => sum + last - first, 0);
}

beforeEach(async () => {
  [folder, weights, cache] = await Promise.all([makePictures(18, 2), makeWeights(), temporaryFolder()]);
  expect(await computedBy()).toBe(40);
});

test("the same images, transform, weights, precision and freeze point are computed once, wherever they lie and whatever is trained", async () => {
  expect(await computedBy()).toBe(0);
  expect(await computedBy({ seed: 8, xtraFc: [4], data: { bs: 5 } })).toBe(0);
  const elsewhere = join(await temporaryFolder(), "moved");
  await cp(folder, elsewhere, { recursive: true });
  expect(await computedBy({ photos: elsewhere })).toBe(0);
});

test("a picture that is another one, even of the same size and name, computes its part anew", async () => {
  const train = join(folder, "train", "blue");
  await copyFile(join(train, "1.png"), join(train, "0.png"));
  expect(await computedBy()).toBe(36);
  expect(await readdir(join(cache, "activations"))).toHaveLength(3); // The old training images, the new ones, and validation.
});

test("a picture of validation leaves the training images as they are", async () => {
  await copyFile(join(folder, "train", "blue", "0.png"), join(folder, "valid", "blue", "0.png"));
  expect(await computedBy()).toBe(4);
});

test("another transform, size or freeze point computes all anew", async () => {
  expect(await computedBy({ data: { crop: "center" } })).toBe(40);
  expect(await computedBy({ data: { size: 40 } })).toBe(40);
  expect(await computedBy({ group: 1 })).toBe(40);
  expect(await computedBy({ data: { size: 40 }, group: 1 })).toBe(40);
  expect(await computedBy()).toBe(0);
});

test("weights that differ in one number compute all anew, and so does a network with another layer between the same weights", async () => {
  const values = initialiseParameters(bodyParameters(tiny), "tiny weights");
  (values.get("a.conv.weight")?.data as Float32Array)[0]! += 0.001;
  const other = join(dirname(weights), "other.safetensors");
  await writeFile(other, writeSafetensors(values));
  expect(await computedBy({ weights: other })).toBe(40);
  const [a, b, c] = tiny.body as [Architecture["body"][0], Architecture["body"][0], Architecture["body"][0]];
  const negated: Architecture = {
    ...tiny,
    body: [a, { ...b, apply: (scope, x) => relu(scope, scope.graph.add("Neg", [b.apply(scope, x)])) }, c],
  };
  expect(await computedBy({ architecture: negated })).toBe(40);
});

test("8 bit has training activations of its own, and shares those of validation", async () => {
  expect(await computedBy({ precision: "int8" })).toBe(36);
  expect(await computedBy({ precision: "int8" })).toBe(0);
  expect(await computedBy()).toBe(0);
});

test("augmented views differ by transform, seed and number, and by the images' names, which chance is drawn by", async () => {
  const augTfms = [randomFlip()];
  expect(await computedBy({ precomputeViews: 2, data: { augTfms } })).toBe(36);
  expect(await computedBy({ precomputeViews: 2, data: { augTfms } })).toBe(0);
  expect(await computedBy({ precomputeViews: 2, data: { augTfms }, seed: 8 })).toBe(36);
  expect(await computedBy({ precomputeViews: 2, data: { augTfms: [] } })).toBe(36);
  await rename(join(folder, "train", "blue", "0.png"), join(folder, "train", "blue", "00.png"));
  expect(await computedBy({ precomputeViews: 2, data: { augTfms } })).toBe(36);
});
