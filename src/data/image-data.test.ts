// A whole data set: scan, cache, broken files, leaks, and the passes over it; on pictures made here and, where they lie, on real
// photographs.

import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { shared } from "../../test/shared.ts";
import { hashBytes } from "../core/hash.ts";
import type { Progress, Warning } from "../core/progress.ts";
import { transformsSideOn } from "./augment/presets.ts";
import { tfmsFromModel } from "./augment/transforms.ts";
import { ImageClassifierData } from "./image-data.ts";
import { type Batch, closePool } from "./load/loader.ts";
import { scanItems } from "./load/scan.ts";

const tfms = tfmsFromModel({ mean: [0.5, 0.5, 0.5], std: [0.2, 0.2, 0.2] }, 16, { augTfms: transformsSideOn });
let made: string;

beforeAll(async () => {
  made = mkdtempSync(join(tmpdir(), "thaw-data-"));
  for (const [label, name] of ["cats", "dogs"].entries()) {
    for (const [part, count] of [
      ["train", 12],
      ["valid", 3],
    ] as const) {
      const folder = join(made, "pets", part, name);
      mkdirSync(folder, { recursive: true });
      for (let index = 0; index < count; index++) {
        const pixels = Uint8Array.from({ length: 30 * 20 * 3 }, (_, i) => i * (index + 2 + 20 * label) + (part === "valid" ? 99 : 0));
        await sharp(pixels, { raw: { width: 30, height: 20, channels: 3 } })
          .png()
          .toFile(join(folder, `${index}.png`));
      }
    }
  }
});

afterAll(async () => {
  await closePool();
  rmSync(made, { recursive: true });
});

let copies = 0;
function copy(): string {
  const path = join(made, `copy${copies++}`);
  cpSync(join(made, "pets"), path, { recursive: true });
  return path;
}

async function indicesOf(batches: AsyncIterable<Batch>): Promise<number[]> {
  const indices: number[] = [];
  for await (const batch of batches) indices.push(...batch.indices);
  return indices;
}

describe("a data set", () => {
  test("knows its classes, its images with their hash and size, and fastai's names", async () => {
    const path = copy();
    const data = await ImageClassifierData.fromPaths(path, { tfms, bs: 5 });
    expect([data.path, data.classes, data.c, data.bs, data.size]).toEqual([path, ["cats", "dogs"], 2, 5, 16]);
    expect([data.train.length, data.valid.length, data.test.length]).toEqual([24, 6, 0]);
    const first = data.train[0]!;
    expect(first).toEqual({
      file: join(path, "train/cats/0.png"),
      name: "train/cats/0.png",
      label: 0,
      hash: hashBytes(readFileSync(first.file)),
      width: 30,
      height: 20,
    });
  });

  test("is gone through in a new random order each epoch for training, and in its own order otherwise", async () => {
    const data = await ImageClassifierData.fromPaths(copy(), { tfms, bs: 5 });
    const own = data.train.map((_, index) => index);
    const first = await indicesOf(data.trainBatches({ epoch: 0 }));
    expect(first).not.toEqual(own);
    expect([...first].sort((a, b) => a - b)).toEqual(own);
    expect(await indicesOf(data.trainBatches({ epoch: 0 }))).toEqual(first);
    expect(await indicesOf(data.trainBatches({ epoch: 1 }))).not.toEqual(first);
    expect(await indicesOf(data.orderedBatches("train"))).toEqual(own);
    expect(await indicesOf(data.orderedBatches("valid", { augment: true }))).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test("shows each class equally often where that is asked for, and images by their weights", async () => {
    const data = await ImageClassifierData.fromPaths(copy(), { tfms, bs: 5 });
    const rare = new ImageClassifierData({ ...data, train: data.train.filter(({ label }, index) => label === 1 || index < 3) });
    const shown = await indicesOf(rare.trainBatches({ sampling: "balanced" }));
    const cats = shown.filter((index) => rare.train[index]!.label === 0).length;
    expect(Math.abs(2 * cats - rare.train.length)).toBeLessThanOrEqual(1);
    const weights = rare.train.map((_, index) => (index === 4 ? 1 : 0));
    expect(new Set(await indicesOf(rare.trainBatches({ sampling: weights })))).toEqual(new Set([4]));
    const several = new ImageClassifierData({ ...data, kind: "multi" });
    expect(() => several.trainBatches({ sampling: "balanced" })).toThrow("Balanced sampling needs images with one class each");
  });

  test("shows validation images unchanged each time, and changed in each round of test-time augmentation", async () => {
    const data = await ImageClassifierData.fromPaths(copy(), { tfms });
    const pixels = async (batches: AsyncGenerator<Batch>) => (await batches.next()).value?.pixels.data;
    expect(await pixels(data.orderedBatches("valid"))).toEqual(await pixels(data.orderedBatches("valid", { epoch: 1 })));
    const round = await pixels(data.orderedBatches("valid", { augment: true }));
    expect(await pixels(data.orderedBatches("valid", { augment: true, epoch: 1 }))).not.toEqual(round);
    expect(await pixels(data.orderedBatches("valid", { augment: true }))).toEqual(round);
  });

  test("can be had at another size", async () => {
    const data = await ImageClassifierData.fromPaths(copy(), { tfms });
    const larger = await data.withSize(24);
    expect([larger.size, larger.tfms.train.size, larger.tfms.valid.size, data.size]).toEqual([24, 24, 24, 16]);
    expect(larger.train).toBe(data.train);
    const { value } = await larger.orderedBatches("valid").next();
    expect(value?.pixels.shape).toEqual([6, 24, 24, 3]);
    await expect(data.withSize(0)).rejects.toThrow("Expected a whole number of pixels, at least 1 for size but received 0");
  });

  test("reports the check of its images", async () => {
    const events: Progress[] = [];
    await ImageClassifierData.fromPaths(copy(), { tfms, onProgress: (event) => events.push(event) });
    expect(events.at(-1)).toEqual({ task: "Checking images", done: 30, total: 30, unit: "images" });
    expect(events.map(({ done }) => done)).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
  });

  test("stops its check at an abort", async () => {
    const controller = new AbortController();
    const onProgress = ({ done }: Progress) => done === 3 && controller.abort(new Error("enough"));
    await expect(ImageClassifierData.fromPaths(copy(), { tfms, signal: controller.signal, onProgress })).rejects.toThrow("enough");
  });
});

describe("images that cannot be read", () => {
  test("are left out with a warning that names them, up to a tenth of a class", async () => {
    const path = copy();
    writeFileSync(join(path, "train/cats/5.png"), "");
    const warnings: Warning[] = [];
    const data = await ImageClassifierData.fromPaths(path, { tfms, onWarning: (warning) => warnings.push(warning) });
    expect(data.train).toHaveLength(23);
    expect(data.train.some(({ name }) => name === "train/cats/5.png")).toBe(false);
    expect(warnings).toEqual([
      { message: "1 image cannot be read and is left out: train/cats/5.png (empty file)", hint: "Replace or delete them." },
    ]);
  });

  test("stop the run where they are more than a tenth of a class", async () => {
    const path = copy();
    writeFileSync(join(path, "train/dogs/1.png"), "text");
    truncateSync(join(path, "train/dogs/2.png"), 0);
    await expect(ImageClassifierData.fromPaths(path, { tfms })).rejects.toMatchObject({
      message: '2 of 15 images of the class "dogs" cannot be read: train/dogs/1.png (not an image), train/dogs/2.png (empty file)',
      hint: "Replace or delete these files; a class this damaged would be learnt wrongly.",
    });
  });
});

test("the same picture in training and validation is warned of", async () => {
  const path = copy();
  cpSync(join(path, "train/cats/0.png"), join(path, "valid/cats/same.png"));
  const warnings: Warning[] = [];
  await ImageClassifierData.fromPaths(path, { tfms, onWarning: (warning) => warnings.push(warning) });
  expect(warnings.map(({ message }) => message)).toEqual([
    "1 validation image is also among the training images, the first valid/cats/same.png: the accuracy will look better than it is",
  ]);
});

describe("what a scan found", () => {
  const at = new Date(1_700_000_000_000);

  async function scanned(path: string, cache: string) {
    return (await ImageClassifierData.fromPaths(path, { tfms, cache })).train.find(({ name }) => name === "train/cats/0.png")!.hash;
  }

  test("is kept, and used while the file is not touched", async () => {
    const [path, cache] = [copy(), join(made, "cache-a")];
    const hash = await scanned(path, cache);
    const kept = join(cache, readdirSync(cache)[0]!);
    // Another hash written into what is kept shows that the file is not read again.
    writeFileSync(kept, readFileSync(kept, "utf8").replace(hash, "0".repeat(hash.length)));
    expect(await scanned(path, cache)).toBe("0".repeat(hash.length));
  });

  test("is found anew for a file that was replaced, also by one of the same length and date", async () => {
    const [path, cache] = [copy(), join(made, "cache-d")];
    const file = join(path, "train/cats/0.png");
    utimesSync(file, at, at);
    const hash = await scanned(path, cache);
    const bytes = readFileSync(file);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(file, bytes);
    utimesSync(file, at, at);
    expect(hashBytes(bytes)).not.toBe(hash);
    expect(await scanned(path, cache)).toBe(hashBytes(bytes));
  });

  test("is kept also where the scan is stopped, as far as it came, and so is what was known before", async () => {
    const [path, cache] = [copy(), join(made, "cache-c")];
    const kept = (): string[] => Object.keys(JSON.parse(readFileSync(join(cache, readdirSync(cache)[0]!), "utf8")).entries);
    const stopped = async (after: number): Promise<void> => {
      const stop = new AbortController();
      const onProgress = ({ done }: Progress) => done === after && stop.abort(new Error("enough"));
      await expect(ImageClassifierData.fromPaths(path, { tfms, cache, signal: stop.signal, onProgress })).rejects.toThrow("enough");
    };
    await stopped(3);
    const first = kept();
    expect(first.length).toBeGreaterThanOrEqual(3);
    await ImageClassifierData.fromPaths(path, { tfms, cache });
    expect(kept()).toHaveLength(30);
    utimesSync(join(path, "train/cats/0.png"), at, at);
    await stopped(1);
    expect(kept()).toHaveLength(30);
  });

  test("is not kept where the system refused to read: the file may come back unchanged", async () => {
    const [path, cache] = [copy(), join(made, "cache-refused")];
    const [good, bad] = ["train/cats/0.png", "train/cats"];
    const items = [good, bad].map((name) => ({ name, file: join(path, name), label: 0 }));
    const found = await scanItems(items, { cache });
    expect(found).toEqual([expect.objectContaining({ width: 30 }), { error: expect.stringMatching(/folder|EISDIR/), passing: true }]);
    const { entries } = JSON.parse(readFileSync(join(cache, readdirSync(cache)[0]!), "utf8"));
    expect(entries.map(([name]: [string]) => name)).toEqual([good]);
  });

  test("is found anew where the file that keeps it is damaged", async () => {
    const [path, cache] = [copy(), join(made, "cache-b")];
    const hash = await scanned(path, cache);
    const [name] = readdirSync(cache);
    const whole = readFileSync(join(cache, name!), "utf8");
    for (const damage of ["", whole.slice(0, whole.length / 2), "[]", '{"version":0,"entries":{}}']) {
      writeFileSync(join(cache, name!), damage);
      expect(await scanned(path, cache)).toBe(hash);
      expect(readFileSync(join(cache, name!), "utf8")).toBe(whole);
    }
  });
});

test("a script that went through its images ends by itself", async () => {
  const script = `
    import { ImageClassifierData } from ${JSON.stringify(new URL("../../dist/data/image-data.js", import.meta.url).href)};
    const data = await ImageClassifierData.fromPaths(${JSON.stringify(copy())}, { tfms: ${JSON.stringify(tfms)} });
    for await (const { indices } of data.orderedBatches("valid")) console.log(indices.length);
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script], { timeout: 8000 });
  expect(stdout).toBe("6\n");
});

test.skipIf(!shared)("real photographs are all read, and none is in both parts", async () => {
  const warnings: Warning[] = [];
  const data = await ImageClassifierData.fromPaths(join(shared!, "data/flowers"), { tfms, onWarning: (warning) => warnings.push(warning) });
  expect(data.classes).toEqual(["daisy", "dandelion", "roses", "sunflowers", "tulips"]);
  expect([data.train.length, data.valid.length]).toEqual([960, 240]);
  expect(warnings).toEqual([]);
});
