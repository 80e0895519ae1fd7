// A data set of names and bytes is the same as the one of a folder that holds them: layout, split, targets, checks, warnings and pixels.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { memoryTree } from "../../../test/fixtures/memory-tree.ts";
import { transformsSideOn } from "../augment/presets.ts";
import { tfmsFromModel } from "../augment/transforms.ts";
import type { ImageDataset } from "../dataset/dataset.ts";
import { closePool } from "../index.ts";
import { loadBatches } from "../load/loader.ts";
import { datasetFromCsv, datasetFromPaths } from "../sources/read-dataset.ts";
import type { FileTree } from "./file-tree.ts";

const contents = new Map<string, Uint8Array>();
let folder: string;

beforeAll(async () => {
  for (const [label, name] of ["cats", "dogs"].entries())
    for (let index = 0; index < 12; index++) {
      const data = Uint8Array.from({ length: 24 * 20 * 3 }, (_, i) => i * (index + 2 + 20 * label));
      const png = await sharp(data, { raw: { width: 24, height: 20, channels: 3 } })
        .png()
        .toBuffer();
      contents.set(`pets/${name}/${index}.png`, png);
    }
  contents.set("pets/cats/broken.png", new TextEncoder().encode("not an image"));
  contents.set("pets/cats/cat.heic", new Uint8Array(20));
  contents.set("pets/dogs/copy.png", contents.get("pets/dogs/0.png")!);
  const rows = [...contents.keys()].filter((name) => name.endsWith(".png")).map((name) => `${name.slice(5)},${name.slice(5, 9)}`);
  contents.set("pets/labels.csv", new TextEncoder().encode(`image,label\n${rows.join("\n")}\n`));
  folder = mkdtempSync(join(tmpdir(), "thaw-tree-"));
  for (const [name, bytes] of contents) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
});

afterAll(async () => {
  await closePool();
  rmSync(folder, { recursive: true });
});

type Read = (place: string | FileTree, onWarning: (warning: { readonly message: string }) => void) => Promise<ImageDataset>;

test.each<[string, Read]>([
  ["a data set in folders", (place, onWarning) => datasetFromPaths(place, { onWarning, seed: 3 })],
  ["a data set by a table", (place, onWarning) => datasetFromCsv(place, "", "labels.csv", { onWarning, seed: 3 })],
])("%s, given as names and bytes, is the same as on a disk, to the pixel", async (_, read) => {
  const places = [join(folder, "pets"), memoryTree(new Map([...contents].map(([name, bytes]) => [name.slice("pets/".length), bytes])))];
  const [disk, memory] = await Promise.all(
    places.map(async (place) => {
      const warnings: string[] = [];
      const { train, valid, classes, leftOut } = await read(place, ({ message }) => warnings.push(message));
      const spec = tfmsFromModel({ mean: [0, 0, 0], std: [1, 1, 1] }, 16, { augTfms: transformsSideOn }).train;
      const order = train.map((_, index) => index);
      const pixels: string[] = [];
      for await (const batch of loadBatches({ items: train, spec, batchSize: 8, order, seed: 5, epoch: 1 }))
        pixels.push(Buffer.from(batch.pixels.data).toString("base64"));
      const facts = [train, valid].map((part) => part.map(({ name, label, hash, width, height }) => [name, label, hash, width, height]));
      return { classes, leftOut, warnings, facts, pixels };
    }),
  );
  expect(memory).toEqual(disk);
  expect(disk!.leftOut).toBe(1);
  expect(disk!.warnings.length).toBeGreaterThan(0);
});
