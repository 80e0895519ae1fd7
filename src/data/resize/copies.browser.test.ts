// Smaller copies of photographs in a browser, in its own storage.

import { beforeEach, expect, test } from "vitest";
import { noisyPictures } from "../../../test/fixtures/noisy-pictures.ts";
import { databaseStore } from "../../core/store/database.browser.ts";
import { architectureOf } from "../../nn/catalogue.ts";
import { tfmsFromModel } from "../augment/transforms.ts";
import { ImageClassifierData } from "../image-data.ts";
import { photosFromBlobs } from "../photographs/labelled.ts";

beforeEach(() => databaseStore("resized").replace(new Map()));

const tfms = tfmsFromModel(architectureOf("thaw_small"), 32);

async function pictures(): Promise<ImageClassifierData> {
  const source = noisyPictures();
  const blobs = async (name: string): Promise<File[]> =>
    Promise.all(
      [0, 1, 2].map(async (i) => {
        const file = `train/${name}/${i}.bmp`;
        return new File([(await source.read!(file)) as Uint8Array<ArrayBuffer>], `${i}.bmp`, { lastModified: 1_700_000_000_000 });
      }),
    );
  return ImageClassifierData.fromPaths(photosFromBlobs({ blue: await blobs("blue"), red: await blobs("red") }), { tfms, seed: 1 });
}

test("copies have the size that was asked for, the same names and parts, and are read in place of the originals", async () => {
  const data = await pictures();
  const small = await data.resize(20, { newPath: "resized" });
  for (const part of ["train", "valid"] as const) {
    expect(small[part].map(({ name, label }) => [name, label])).toEqual(data[part].map(({ name, label }) => [name, label]));
    expect(small[part].map(({ width, height }) => [width, height])).toEqual(data[part].map(() => [20, 20]));
  }
  const [item] = small.train;
  const bytes = (await item!.read!()) as Uint8Array<ArrayBuffer>;
  const bitmap = await (globalThis as unknown as { createImageBitmap(blob: Blob): Promise<{ width: number }> }).createImageBitmap(
    new Blob([bytes]),
  );
  expect(bitmap.width).toBe(20);
  expect(await databaseStore("resized/20").get(item!.name)).toEqual(bytes);
});

test("copies that are there are kept, and one that is gone is made again", async () => {
  await (await pictures()).resize(20, { newPath: "resized" });
  const store = databaseStore("resized/20");
  const dates = async () => new Map((await store.list("")).map(({ key, modified }) => [key, modified]));
  const before = await dates();
  const gone = [...before.keys()].find((key) => !key.startsWith("."))!;
  await store.delete(gone);
  await new Promise((resolve) => setTimeout(resolve, 20));
  await (await pictures()).resize(20, { newPath: "resized" });
  const after = await dates();
  expect([...after].filter(([key, date]) => before.get(key) !== date).map(([key]) => key)).toEqual(
    expect.arrayContaining([gone, `.thaw/${gone}`]),
  );
  expect([...after].filter(([key, date]) => before.get(key) === date)).toHaveLength(after.size - 2);
});

test("pictures that are not larger stay byte for byte, and copies among the originals are refused", async () => {
  const data = await pictures();
  const same = await data.resize(64, { newPath: "resized" });
  expect(same.train[0]?.hash).toBe(data.train[0]?.hash);
  await expect(data.resize(20, { newPath: `${data.path}/copies` })).rejects.toThrow("which is in the folder of the originals");
});
