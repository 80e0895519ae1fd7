// Batches through the real worker threads (the built worker: `npm test` builds first), on pictures made here.

import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { transformsSideOn } from "../augment/presets.ts";
import { tfmsFromModel } from "../augment/transforms.ts";
import type { Item } from "../dataset/items.ts";
import { limiter } from "./limiter.ts";
import { loadImage } from "./load-image.ts";
import { type Batch, batchesOf, closePool, type LoadBatchesOptions, loadBatches } from "./loader.ts";

const tfms = tfmsFromModel({ mean: [0, 0, 0], std: [1, 1, 1] }, 32, { augTfms: transformsSideOn, maxZoom: 1.2 });
let folder: string;
let items: Item[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "thaw-loader-"));
  items = await Promise.all(
    Array.from({ length: 13 }, async (_, index) => {
      const file = join(folder, `${index}.png`);
      const pixels = Uint8Array.from({ length: 60 * 40 * 3 }, (_value, i) => i * (index + 3) + (i >> 5));
      await sharp(pixels, { raw: { width: 60, height: 40, channels: 3 } })
        .png()
        .toFile(file);
      return { file, name: `${index}.png`, label: 0 };
    }),
  );
});

afterAll(async () => {
  await closePool();
  rmSync(folder, { recursive: true });
});

const all = () => items.map((_, index) => index);

function options(rest: Partial<LoadBatchesOptions> = {}): LoadBatchesOptions {
  return { items, spec: tfms.train, batchSize: 4, order: all(), seed: 42, epoch: 0, ...rest };
}

async function collect(rest: Partial<LoadBatchesOptions> = {}): Promise<Batch[]> {
  const batches: Batch[] = [];
  for await (const batch of loadBatches(options(rest))) batches.push(batch);
  return batches;
}

describe("cutting into batches", () => {
  test("leaves a smaller last batch", () => {
    expect(batchesOf([5, 6, 7, 8, 9], 3)).toEqual([
      [5, 6, 7],
      [8, 9],
    ]);
  });

  test("gives a last image alone to the batch before it in training, where batch norm needs two", () => {
    expect(batchesOf([5, 6, 7, 8, 9], 2, { training: true })).toEqual([
      [5, 6],
      [7, 8, 9],
    ]);
    expect(batchesOf([5, 6, 7, 8, 9], 2)).toHaveLength(3);
  });

  test("keeps a single image, whole batches and nothing as they are", () => {
    expect(batchesOf([5], 2, { training: true })).toEqual([[5]]);
    expect(batchesOf([5, 6, 7, 8], 2, { training: true })).toEqual([
      [5, 6],
      [7, 8],
    ]);
    expect(batchesOf([], 2)).toEqual([]);
  });

  test("refuses a batch size of 0", () => {
    expect(() => batchesOf([1], 0)).toThrow("Expected a whole number of at least 1 for the batch size but received 0");
  });
});

describe("loading", () => {
  test("gives the pixels of each image in the order asked for", async () => {
    const order = [3, 0, 12, 7, 7];
    const batches = await collect({ order, spec: tfms.valid, batchSize: 3 });
    expect(batches.map(({ indices }) => indices)).toEqual([
      [3, 0, 12],
      [7, 7],
    ]);
    expect(batches.map(({ pixels }) => pixels.shape)).toEqual([
      [3, 32, 32, 3],
      [2, 32, 32, 3],
    ]);
    expect(batches[0]!.pixels.type).toBe("uint8");
    const third = batches[0]!.pixels.data.subarray(2 * 32 * 32 * 3);
    expect(third).toEqual(await loadImage(items[12]!.file, tfms.valid));
  });

  test("gives the same, whatever the number of workers and of batches ahead", async () => {
    const [first, ...others] = [await collect({ workers: 1, prefetch: 0 }), await collect({ workers: 4, prefetch: 5 }), await collect()];
    for (const other of others) expect(other).toEqual(first);
  });

  test("augments each image by seed, purpose, epoch and name alone", async () => {
    const one = (rest: Partial<LoadBatchesOptions>) => collect({ order: [5], ...rest }).then(([batch]) => batch!.pixels.data);
    const [reference] = await collect({ order: [2, 5], epoch: 3 });
    const alone = await one({ epoch: 3 });
    expect(alone).toEqual(reference!.pixels.data.subarray(32 * 32 * 3));
    for (const rest of [{ epoch: 4 }, { epoch: 3, seed: 7 }, { epoch: 3, purpose: "tta" }]) expect(await one(rest)).not.toEqual(alone);
  });

  test("names the images that cannot be read and keeps the others together", async () => {
    const broken = join(folder, "broken.jpg");
    writeFileSync(broken, "no image");
    const some = [
      items[0]!,
      { file: broken, name: "broken.jpg", label: 0 },
      items[1]!,
      { file: join(folder, "gone.jpg"), name: "gone.jpg", label: 0 },
      items[2]!,
    ];
    const [batch] = await collect({ items: some, order: [0, 1, 2, 3, 4], batchSize: 5, spec: tfms.valid });
    expect(batch!.indices).toEqual([0, 2, 4]);
    expect(batch!.pixels.shape).toEqual([3, 32, 32, 3]);
    expect(batch!.failed).toEqual([
      { index: 1, name: "broken.jpg", error: "not an image" },
      { index: 3, name: "gone.jpg", error: "file not found" },
    ]);
    const [good] = await collect({ order: [0, 1, 2], batchSize: 3, spec: tfms.valid });
    expect(batch!.pixels.data).toEqual(good!.pixels.data);
  });

  test("a batch of which nothing can be read is empty, and names every failure", async () => {
    const gone = [0, 1].map((index) => ({ file: join(folder, `gone${index}.jpg`), name: `gone${index}.jpg`, label: 0 }));
    const [batch] = await collect({ items: gone, order: [0, 1], batchSize: 2 });
    expect(batch!.pixels.shape[0]).toBe(0);
    expect(batch!.failed.map(({ name }) => name)).toEqual(["gone0.jpg", "gone1.jpg"]);
  });

  test("ends when the loop is left, and starts again", async () => {
    for await (const batch of loadBatches(options({ batchSize: 2 }))) {
      expect(batch.indices).toEqual([0, 1]);
      break;
    }
    expect(await collect()).toHaveLength(4);
  });

  test("stops at an abort with its reason", async () => {
    const controller = new AbortController();
    const seen: number[] = [];
    const run = async () => {
      for await (const batch of loadBatches(options({ batchSize: 2, signal: controller.signal }))) {
        seen.push(batch.indices.length);
        controller.abort(new Error("enough"));
      }
    };
    await expect(run()).rejects.toThrow("enough");
    expect(seen).toEqual([2]);
  });

  test("works on a batch or two ahead and no further", async () => {
    const touched = new Set<number>();
    const watched = new Proxy(items, {
      get(target, key) {
        if (typeof key === "string" && /^\d+$/.test(key)) touched.add(Number(key));
        return Reflect.get(target, key) as unknown;
      },
    });
    const iterator = loadBatches(options({ items: watched, batchSize: 2, prefetch: 1 }));
    await iterator.next();
    // The first batch was handed over; of the others only one was begun.
    expect(Math.max(...touched)).toBeLessThanOrEqual(3);
    await iterator.return();
  });

  test("starts new workers after the pool was closed", async () => {
    await closePool();
    expect(await collect({ order: [1] })).toHaveLength(1);
  });

  test("names the file where the workers end under it, ends, and starts again", { timeout: 20_000 }, async () => {
    for (let round = 0; round < 3; round++) {
      const batches = loadBatches(options({ batchSize: 13, prefetch: 0 }));
      const failure = expect(batches.next()).rejects.toThrow(/^A worker thread ended while it read .*\d+\.png: /);
      await closePool();
      await failure;
      expect((await batches.next()).done).toBe(true);
    }
    expect(await collect()).toHaveLength(4);
  });

  test("loads the same in the thread that asks, without workers", async () => {
    expect(await collect({ workers: 0 })).toEqual(await collect());
  });

  test("refuses less than no worker, and to prefetch less than nothing", () => {
    expect(() => loadBatches(options({ workers: -1 }))).toThrow(
      "Expected a whole number of at least 0 for the number of workers but received -1",
    );
    expect(() => loadBatches(options({ prefetch: -1 }))).toThrow(
      "Expected a whole number of at least 0 for the number of batches to prefetch but received -1",
    );
  });
});

test("a limiter lets work through in order, so many at a time", async () => {
  const gate = limiter(2);
  let running = 0;
  let most = 0;
  const finished: number[] = [];
  const releases: (() => void)[] = [];
  const work = Array.from({ length: 5 }, (_, index) =>
    gate(async () => {
      most = Math.max(most, ++running);
      await new Promise<void>((resolve) => releases.push(resolve));
      running--;
      finished.push(index);
    }),
  );
  for (let index = 0; index < 5; index++) {
    releases[index]!();
    await work[index];
  }
  expect([most, finished]).toEqual([2, [0, 1, 2, 3, 4]]);
});

test("a photograph that was replaced since its hash was taken is named instead of loaded, also if its length and date are the same", async () => {
  const file = join(folder, "replaced.png");
  const picture = (level: number) =>
    sharp(new Uint8Array(40 * 40 * 3).fill(level), { raw: { width: 40, height: 40, channels: 3 } })
      .png({ compressionLevel: 0 })
      .toBuffer();
  const before = await picture(10);
  writeFileSync(file, before);
  const { atime, mtime } = statSync(file);
  const replaced = { file, name: "replaced.png", label: 0, hash: createHash("sha256").update(before).digest("hex") };
  const load = async (workers: number) => {
    const batches: Batch[] = [];
    for await (const batch of loadBatches(options({ items: [replaced], order: [0], workers }))) batches.push(batch);
    return batches.flatMap(({ failed }) => failed);
  };
  expect(await load(1)).toEqual([]);
  const after = await picture(200);
  expect(after.length).toBe(before.length);
  writeFileSync(file, after);
  utimesSync(file, atime, mtime);
  const failed = [{ index: 0, name: "replaced.png", error: "its content is not the one that was checked" }];
  expect(await load(1)).toEqual(failed);
  expect(await load(0)).toEqual(failed);
});
