// Data in memory: the pixels that come out of the loaders are those that went in, and each mistake is told.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { Warning } from "../../core/progress.ts";
import { tensor } from "../../core/tensor.ts";
import { tfmsFromModel } from "../augment/transforms.ts";
import { ImageClassifierData } from "../image-data.ts";
import { type ArrayParts, arrayDataset, type ImageArray } from "./arrays.ts";

const path = mkdtempSync(join(tmpdir(), "thaw-arrays-"));
afterAll(() => rmSync(path, { recursive: true }));
const tfms = tfmsFromModel({ mean: [0, 0, 0], std: [1, 1, 1] }, 8, { crop: "none" });

/** `count` images of 8 × 8 pixels that differ, as bytes. */
function images(count: number, first = 0): ImageArray {
  const data = Uint8Array.from({ length: count * 192 }, (_, i) => (i * 7 + first + Math.floor(i / 192) * 13) % 256);
  return tensor("uint8", [count, 8, 8, 3], data);
}

const floats = ({ shape, data }: ImageArray): ImageArray =>
  tensor(
    "float32",
    shape,
    Float32Array.from(data, (byte) => byte / 255),
  );

test("8-bit images and floats of the same values give the same batches, pixel for pixel", async () => {
  const [train, valid] = [images(5), images(3, 100)];
  for (const parts of [
    { trn: [train, [0, 1, 0, 1, 1]], val: [valid, [1, 0, 0]], test: images(2, 200) },
    { trn: [floats(train), [0, 1, 0, 1, 1]], val: [floats(valid), [1, 0, 0]], test: floats(images(2, 200)) },
  ] satisfies ArrayParts[]) {
    const data = await ImageClassifierData.fromArrays(path, parts, { tfms, bs: 2, classes: ["no", "yes"] });
    expect([data.path, data.kind, data.classes, data.leftOut]).toEqual([path, "single", ["no", "yes"], 0]);
    expect(data.train.map(({ name, label }) => [name, label])).toEqual([0, 1, 0, 1, 1].map((label, i) => [`train/${i}`, label]));
    const pixels: number[] = [];
    for await (const batch of data.orderedBatches("train")) pixels.push(...batch.pixels.data);
    expect(pixels).toEqual([...train.data]);
    expect(data.test.map(({ name, label }) => [name, label])).toEqual([
      ["test/0", -1],
      ["test/1", -1],
    ]);
  }
});

test("both parts share one list of classes, and grey images get three channels", async () => {
  const grey = (count: number): ImageArray =>
    tensor(
      "uint8",
      [count, 2, 2],
      Uint8Array.from({ length: count * 4 }, (_, i) => i),
    );
  const { classes, train, valid } = arrayDataset(path, { trn: [grey(2), ["b", "a"]], val: [grey(1), ["c"]] });
  expect([classes, train.map(({ label }) => label), valid[0]?.label]).toEqual([["a", "b", "c"], [1, 0], 2]);
  expect([...train[0]!.image!.data]).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]);
  expect(train[0]!.hash).not.toBe(train[1]!.hash);
});

test("an image in both parts is warned of", async () => {
  const warnings: Warning[] = [];
  const parts: ArrayParts = { trn: [images(3), [0, 1, 1]], val: [images(1), [0]] };
  await ImageClassifierData.fromArrays(path, parts, { tfms, onWarning: (warning) => warnings.push(warning) });
  expect(warnings[0]?.message).toContain("1 validation image is also among the training images");
});

test("several labels, and numbers, come in rows", () => {
  const rows = [
    [1, 0],
    [1, 1],
  ];
  expect(arrayDataset(path, { trn: [images(2), rows], val: [images(1), [[0, 0]]] }).train[1]?.labels).toEqual([0, 1]);
  const numbers = arrayDataset(
    path,
    { trn: [images(2), Float32Array.of(0.5, 2)], val: [images(1), Float32Array.of(3)] },
    { continuous: true },
  );
  expect([numbers.kind, numbers.valid[0]?.values]).toEqual(["continuous", [3]]);
});

test.each<[string, ArrayParts, string]>([
  [
    "channels first",
    { trn: [tensor("uint8", [1, 3, 8, 8], new Uint8Array(192)), [0]], val: [images(1), [0]] },
    "Expected 3 channels, as the transforms have means, for the shape of the images of train but received [1,3,8,8]",
  ],
  [
    "floats up to 255",
    { trn: [tensor("float32", [1, 1, 1], Float32Array.of(255)), [0]], val: [images(1), [0]] },
    "Expected floats from 0 to 1 for the pixels of train/0 but received 255",
  ],
  [
    "a label too few",
    { trn: [images(2), [0]], val: [images(1), [0]] },
    "Expected 2, one for each image, for the number of labels of trn but received 1",
  ],
  ["no images", { trn: [images(0), []], val: [images(1), [0]] }, "Expected at least one image for trn but received 0"],
  ["an unknown class", { trn: [images(2), ["a", ""]], val: [images(1), ["a"]] }, "There is no label in train/1"],
])("%s is refused", (_, parts, message) => {
  expect(() => arrayDataset(path, parts)).toThrow(message);
});
