// A whole check on folders of pictures made here: each kind of mistake is found and named, nothing else is, and no file changes.

import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp, { type Sharp } from "sharp";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { shared } from "../../../test/shared.ts";
import { hashBytes } from "../../core/hash.ts";
import { randomStream } from "../../core/random.ts";
import { closePool } from "../load/loader.ts";
import { checkFolder } from "./check.ts";

afterAll(closePool);

/** A picture of coloured clouds that depends on the seed. */
function picture(seed: number, width = 120, height = 90): Sharp {
  const random = randomStream("picture", seed);
  const pixels = Uint8Array.from({ length: 7 * 6 * 3 }, () => random.integer(0, 255));
  return sharp(pixels, { raw: { width: 7, height: 6, channels: 3 } }).resize(width, height, { kernel: "cubic", fit: "fill" });
}

function folder(): string {
  const root = mkdtempSync(join(tmpdir(), "check-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  return root;
}

async function fill(root: string, layout: Record<string, number>): Promise<void> {
  let seed = 0;
  for (const [path, count] of Object.entries(layout)) {
    mkdirSync(join(root, path), { recursive: true });
    for (let i = 0; i < count; i++)
      await picture(seed++)
        .jpeg()
        .toFile(join(root, path, `${i}.jpg`));
  }
}

function snapshot(root: string): string[] {
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map((entry) => {
    const path = join(entry.parentPath, entry.name);
    return `${path} ${hashBytes(readFileSync(path))} ${statSync(path).mtimeMs}`;
  });
}

test("a set without mistakes is sound", async () => {
  const root = folder();
  await fill(root, { "train/cats": 4, "train/dogs": 3, "valid/cats": 2, "valid/dogs": 2 });
  writeFileSync(join(root, "train/cats/notes.txt"), "");
  expect(await checkFolder(root)).toEqual({
    path: root,
    drawn: false,
    images: 11,
    classes: [
      { class: "cats", train: 4, valid: 2, test: 0 },
      { class: "dogs", train: 3, valid: 2, test: 0 },
    ],
    imbalance: 4 / 3,
    broken: [],
    misnamed: [],
    copies: [],
    alike: [],
    odd: [],
    sides: [90, 90, 90],
    passedBy: [],
    sound: true,
  });
});

test("each mistake is found and named, and no file is changed", async () => {
  const root = folder();
  const at = (name: string): string => join(root, name);
  await fill(root, { "train/cats": 6, "train/dogs": 5, "valid/cats": 2, "valid/dogs": 2, "test/cats": 1, "test/dogs": 1 });
  copyFileSync(at("train/cats/0.jpg"), at("valid/cats/again.jpg"));
  await sharp(at("train/cats/1.jpg")).flop().resize(80, 100, { fit: "fill" }).webp({ quality: 60 }).toFile(at("test/cats/mirrored.webp"));
  await sharp(at("train/cats/2.jpg")).modulate({ brightness: 1.2 }).png().toFile(at("train/dogs/brighter.png"));
  copyFileSync(at("train/dogs/0.jpg"), at("train/dogs/0 (1).jpg"));
  await picture(50).png().toFile(at("valid/dogs/png.jpg"));
  writeFileSync(at("train/dogs/cut.jpg"), readFileSync(at("train/dogs/1.jpg")).subarray(0, 700));
  writeFileSync(at("valid/cats/empty.png"), "");
  await picture(51, 63, 70).jpeg().toFile(at("train/cats/tiny.jpg"));
  await picture(52, 400, 100).jpeg().toFile(at("train/cats/long.jpg"));
  await picture(53, 300, 100).jpeg().toFile(at("train/cats/just right"));
  writeFileSync(at("train/cats/photo.heic"), "?");
  const before = snapshot(root);
  const report = await checkFolder(root, { testName: "test" });
  expect(snapshot(root)).toEqual(before);
  const names = (list: readonly { readonly name: string }[]): string[] => list.map(({ name }) => name);
  expect(report.broken).toEqual([
    { name: "train/dogs/cut.jpg", part: "train", class: "dogs", reason: expect.stringContaining("truncated") },
    { name: "valid/cats/empty.png", part: "valid", class: "cats", reason: "empty file" },
  ]);
  expect(report.misnamed).toEqual([{ name: "valid/dogs/png.jpg", part: "valid", class: "dogs", format: "PNG" }]);
  expect(report.copies.map((copies) => ({ ...copies, images: names(copies.images) }))).toEqual([
    { images: ["test/cats/mirrored.webp", "train/cats/1.jpg"], exact: false, leak: true, conflict: false },
    { images: ["train/cats/0.jpg", "valid/cats/again.jpg"], exact: true, leak: true, conflict: false },
    { images: ["train/cats/2.jpg", "train/dogs/brighter.png"], exact: false, leak: false, conflict: true },
    { images: ["train/dogs/0 (1).jpg", "train/dogs/0.jpg"], exact: true, leak: false, conflict: false },
  ]);
  expect(report.odd.map(({ name, odd }) => `${name} ${odd}`)).toEqual(["train/cats/long.jpg long", "train/cats/tiny.jpg tiny"]);
  expect(report.passedBy).toEqual([expect.stringContaining("1 file of type .heic is left out")]);
  expect(report).toMatchObject({ images: 27, sound: false });
});

test("copies within training alone leave a set sound, but not where the split is drawn", async () => {
  const root = folder();
  await fill(root, { "a/train/cats": 3, "a/train/dogs": 3, "a/valid/cats": 1, "a/valid/dogs": 1, "b/cats": 3, "b/dogs": 3 });
  copyFileSync(join(root, "a/train/cats/0.jpg"), join(root, "a/train/cats/1 (1).jpg"));
  copyFileSync(join(root, "b/cats/0.jpg"), join(root, "b/cats/0 (1).jpg"));
  expect(await checkFolder(join(root, "a"))).toMatchObject({ drawn: false, copies: [{ leak: false }], sound: true });
  expect(await checkFolder(join(root, "b"))).toMatchObject({ drawn: true, copies: [{ leak: false }], sound: false });
});

test("what was found is kept: a second check decodes only what changed, also to the same length and date", async () => {
  const root = folder();
  const data = join(root, "data");
  await fill(data, { "train/cats": 3, "train/dogs": 3, "valid/cats": 1, "valid/dogs": 1 });
  const cache = join(root, "cache");
  const replaced = join(data, "train/cats/0.jpg");
  const time = new Date("2020-01-01");
  utimesSync(replaced, time, time);
  const first = await checkFolder(data, { cache });
  expect(first.broken).toEqual([]);
  const journal = join(cache, readdirSync(cache)[0]!);
  const lines = (): string[] => readFileSync(journal, "utf8").trim().split("\n");
  expect(lines()).toHaveLength(8);
  writeFileSync(replaced, Buffer.alloc(statSync(replaced).size));
  utimesSync(replaced, time, time);
  writeFileSync(join(data, "train/dogs/0.jpg"), "neither");
  const second = await checkFolder(data, { cache });
  expect(second.broken.map(({ name }) => name)).toEqual(["train/cats/0.jpg", "train/dogs/0.jpg"]);
  expect(lines()).toHaveLength(10);
  expect(await checkFolder(data, { cache })).toEqual(second);
  expect(lines()).toHaveLength(10);
});

test("a check that is stopped keeps what it found", async () => {
  const root = folder();
  const data = join(root, "data");
  await fill(data, { "train/cats": 20, "train/dogs": 20, "valid/cats": 1, "valid/dogs": 1 });
  const cache = join(root, "cache");
  const stop = new AbortController();
  const onProgress = ({ done }: { done: number }): void => {
    if (done === 10) stop.abort(new Error("enough"));
  };
  await expect(checkFolder(data, { cache, onProgress, signal: stop.signal })).rejects.toThrow("enough");
  const kept = readFileSync(join(cache, readdirSync(cache)[0]!), "utf8")
    .trim()
    .split("\n").length;
  expect(kept).toBeGreaterThanOrEqual(10);
  expect(kept).toBeLessThan(42);
});

test("where the cache cannot be written, the check is made all the same and says so", async () => {
  const root = folder();
  const data = join(root, "data");
  await fill(data, { "train/cats": 2, "train/dogs": 2, "valid/cats": 1, "valid/dogs": 1 });
  const warnings: string[] = [];
  const report = await checkFolder(data, {
    cache: join(data, "train/cats/0.jpg/cache"),
    onWarning: ({ message }) => warnings.push(message),
  });
  expect(report.sound).toBe(true);
  expect(warnings).toEqual([
    expect.stringMatching(/^What is found will not be remembered: Cannot write .*: a file is where a folder should be$/),
  ]);
});

test("a layout that cannot be used is a person's mistake", async () => {
  await expect(checkFolder(join(folder(), "none"))).rejects.toThrow("does not exist");
});

test.skipIf(!shared)(
  "of 1,200 photographs of flowers, two are there twice and one scene was shot twice, and nothing else is found",
  async () => {
    const { copies, alike } = await checkFolder(join(shared!, "data", "flowers"));
    expect(copies.map(({ images }) => images.map(({ name }) => name))).toEqual([
      ["dandelion/17161833794_e1d92259d2_m.jpg", "dandelion/18304194360_2a4a0be631_m.jpg"],
      ["tulips/12916135413_dafcf3089e_n.jpg", "tulips/12916441224_2ed63596f8_n.jpg"],
    ]);
    expect(alike.map((images) => images.map(({ name }) => name))).toEqual([
      ["sunflowers/6606820461_952c450f90_n.jpg", "sunflowers/6606823367_e89dc52a95_n.jpg"],
    ]);
  },
);
