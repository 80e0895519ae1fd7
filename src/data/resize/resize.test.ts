// Smaller copies: their pixels, names and formats, what is kept on a second run, what is refused, and that the data set stays the same.

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { randomStream } from "../../core/random.ts";
import { tfmsFromModel } from "../augment/transforms.ts";
import { decoder } from "../decode/decode.node.ts";
import { ImageClassifierData } from "../image-data.ts";
import { closePool } from "../load/loader.ts";
import { resize } from "../pixels/resample.ts";
import { resizeFolder } from "./resize.ts";

afterAll(closePool);

const tfms = tfmsFromModel({ mean: [0.5, 0.5, 0.5], std: [0.2, 0.2, 0.2] }, 16);

function folder(): string {
  const root = mkdtempSync(join(tmpdir(), "resize-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  return root;
}

async function draw(file: string, seed: number, width = 90, height = 60): Promise<void> {
  const random = randomStream("resize", seed);
  const pixels = Uint8Array.from({ length: 9 * 6 * 3 }, () => random.integer(0, 255));
  mkdirSync(join(file, ".."), { recursive: true });
  await sharp(pixels, { raw: { width: 9, height: 6, channels: 3 } })
    .resize(width, height, { kernel: "cubic", fit: "fill" })
    .toFile(file);
}

/** Two classes in folders of their own for training and validation, each with as many PNGs. */
async function pets(root: string, train = 3, valid = 2): Promise<string> {
  const data = join(root, "pets");
  let seed = 0;
  for (const [part, count] of [
    ["train", train],
    ["valid", valid],
  ] as const)
    for (const name of ["cats", "dogs"]) for (let i = 0; i < count; i++) await draw(join(data, part, name, `${i}.png`), seed++);
  return data;
}

test("a copy has thaw's own pixels at the smaller size, under the same name", async () => {
  const root = folder();
  const data = await pets(root);
  expect(await resizeFolder(data, 30, join(root, "small"))).toEqual({ folder: join(root, "small"), made: 10, kept: 0, failed: [] });
  expect(readdirSync(join(root, "small"), { recursive: true }).sort()).toEqual(readdirSync(data, { recursive: true }).sort());
  const name = join("valid", "dogs", "1.png");
  const [original, copy] = await Promise.all(
    [data, join(root, "small")].map(async (path) => decoder.decode(await decoder.read(join(path, name)))),
  );
  expect(copy).toEqual({ ...resize(original!, 45, 30), data: expect.anything() });
  expect(Buffer.compare(copy!.data, resize(original!, 45, 30).data)).toBe(0);
});

test("formats follow the names, photographs are turned upright, and smaller images stay byte for byte", async () => {
  const root = folder();
  const data = await pets(root);
  const at = (name: string): string => join(data, "train", "cats", name);
  for (const name of ["a.jpg", "b.webp", "c.gif", "d.tiff", "e.avif"]) await draw(at(name), 50);
  await sharp(at("a.jpg")).withMetadata({ orientation: 6 }).toFile(at("turned.jpg"));
  await draw(at("small.png"), 51, 50, 20);
  const { failed } = await resizeFolder(data, 30, join(root, "out"));
  expect(failed).toEqual([]);
  const copy = (name: string): string => join(root, "out", "train", "cats", name);
  const seen = await Promise.all(
    ["a.jpg", "b.webp", "c.gif", "d.tiff", "e.avif", "turned.jpg"].map(async (name) => {
      const { format, width, height } = await sharp(copy(name)).metadata();
      return `${format} ${width}x${height}`;
    }),
  );
  expect(seen).toEqual(["jpeg 45x30", "webp 45x30", "gif 45x30", "tiff 45x30", "heif 45x30", "jpeg 30x45"]);
  expect(readFileSync(copy("small.png"))).toEqual(readFileSync(at("small.png")));
});

test("where copies cannot be written, the error says with which option another folder is named", async () => {
  const root = folder();
  const data = await pets(root);
  writeFileSync(join(root, "file"), "");
  await expect(resizeFolder(data, 30, join(root, "file", "out"))).rejects.toMatchObject({
    message: expect.stringContaining("a file is where a folder should be"),
    hint: "Choose another folder, or move that file away. Copies go into the folder of --out (newPath).",
  });
});

test("the copy of a BMP is one, with thaw's own pixels at the smaller size", async () => {
  const root = folder();
  const data = await pets(root);
  const [file, copy] = [data, join(root, "out")].map((place) => join(place, "train", "dogs", "large.bmp")) as [string, string];
  const [width, height] = [90, 60];
  // Rows of 24 bits from below: 54 bytes, and 2 behind each row.
  const bytes = Buffer.alloc(54 + (3 * width + 2) * height);
  for (let i = 54; i < bytes.length; i++) bytes[i] = (i * 7) % 251;
  bytes.fill(0, 0, 54);
  bytes.write("BM");
  for (const [at, value] of [
    [10, 54],
    [14, 40],
    [18, width],
    [22, height],
    [26, 1 + (24 << 16)],
  ] as const)
    bytes.writeUInt32LE(value, at);
  writeFileSync(file, bytes);
  expect((await resizeFolder(data, 30, join(root, "out"))).failed).toEqual([]);
  expect(readFileSync(copy).toString("latin1", 0, 2)).toBe("BM");
  const { width: wide, height: high, data: pixels } = await decoder.decode(readFileSync(copy));
  expect([wide, high]).toEqual([45, 30]);
  const { data: wanted } = resize(await decoder.decode(bytes), 45, 30);
  expect(Buffer.compare(pixels, wanted)).toBe(0);
});

test("whole copies are kept; damaged ones, those of another size and of changed originals are made again", async () => {
  const root = folder();
  const data = await pets(root);
  const out = join(root, "out");
  await resizeFolder(data, 30, out);
  const bytes = (name: string): Buffer => readFileSync(join(out, name));
  const before = bytes("train/cats/0.png");
  expect(await resizeFolder(data, 30, out)).toMatchObject({ made: 0, kept: 10 });
  const { atime, mtime } = statSync(join(out, "train/cats/0.png"));
  writeFileSync(join(out, "train/cats/0.png"), before.subarray(0, 500));
  utimesSync(join(out, "train/cats/0.png"), atime, mtime);
  rmSync(join(out, "train/cats/1.png"));
  await draw(join(data, "train/cats/2.png"), 99);
  const later = new Date(mtime.getTime() + 60_000);
  utimesSync(join(data, "train/cats/2.png"), later, later);
  expect(await resizeFolder(data, 30, out)).toMatchObject({ made: 3, kept: 7 });
  expect(bytes("train/cats/0.png")).toEqual(before);
  expect(await resizeFolder(data, 20, out)).toMatchObject({ made: 10, kept: 0 });
  expect(await sharp(join(out, "train/cats/2.png")).metadata()).toMatchObject({ width: 30, height: 20 });
});

test("what cannot be read is named and does not stop the rest", async () => {
  const root = folder();
  const data = await pets(root);
  writeFileSync(join(data, "train", "cats", "empty.jpg"), "");
  const summary = await resizeFolder(data, 30, join(root, "out"));
  expect(summary).toMatchObject({ made: 10, kept: 0, failed: [{ name: "train/cats/empty.jpg", error: "empty file" }] });
  expect(existsSync(join(root, "out", "train", "cats", "empty.jpg"))).toBe(false);
});

test("work that is stopped leaves whole copies and goes on", async () => {
  const root = folder();
  const data = await pets(root, 20, 2);
  const out = join(root, "out");
  const stop = new AbortController();
  const onProgress = ({ done }: { done: number }): void => {
    if (done === 12) stop.abort(new Error("enough"));
  };
  await expect(resizeFolder(data, 30, out, { onProgress, signal: stop.signal })).rejects.toThrow("enough");
  const { made, kept } = await resizeFolder(data, 30, out);
  expect(made + kept).toBe(44);
  expect(kept).toBeGreaterThanOrEqual(12);
  expect(made).toBeGreaterThan(0);
});

test("copies cannot go among the originals, by whatever path", async () => {
  const root = folder();
  const data = await pets(root);
  symlinkSync(data, join(root, "link"));
  const before = readFileSync(join(data, "train/cats/0.png"));
  for (const out of [data, join(data, "small"), join(data, "train"), join(root, "link"), join(root, "link", "new", "folder")])
    await expect(resizeFolder(data, 30, out)).rejects.toThrow("which is in the folder of the originals");
  expect(readFileSync(join(data, "train/cats/0.png"))).toEqual(before);
  expect((await resizeFolder(data, 30, join(data, ".small"))).made).toBe(10);
  await expect(resizeFolder(data, 0.5, join(root, "out"))).rejects.toThrow(
    "Expected a whole number of at least 1 for the size but received 0.5",
  );
});

test("a data set from its copies has the same splits, names, classes and place, and loads the smaller files", async () => {
  const root = folder();
  const data = await ImageClassifierData.fromPaths(await pets(root, 4, 2), { tfms, bs: 2 });
  const small = await data.resize(30);
  const names = (list: readonly { readonly name: string; readonly label: number }[]): string[] =>
    list.map(({ name, label }) => `${name} ${label}`);
  for (const part of ["train", "valid", "test"] as const) expect(names(small[part])).toEqual(names(data[part]));
  expect(small).toMatchObject({ path: data.path, classes: data.classes, bs: 2, seed: data.seed, leftOut: 0, kind: "single" });
  expect(small.train[0]).toMatchObject({
    width: 45,
    height: 30,
    file: join(root, ".thaw", "pets", "resized", "30", "train", "cats", "0.png"),
  });
  expect(small.train[0]!.hash).not.toBe(data.train[0]!.hash);
  for await (const batch of small.orderedBatches("valid")) expect(batch.failed).toEqual([]);
  const again = await data.resize(30, { newPath: join(root, ".thaw", "pets", "resized") });
  expect(again.train).toEqual(small.train);
});

test("an image that was lost since the data was read is warned about", async () => {
  const root = folder();
  const data = await ImageClassifierData.fromPaths(await pets(root), { tfms });
  rmSync(join(data.path, "train", "cats", "1.png"));
  const warnings: string[] = [];
  const small = await data.resize(30, { newPath: join(root, "new"), onWarning: ({ message }) => warnings.push(message) });
  expect(warnings).toEqual(["1 image cannot be read and left out, the first train/cats/1.png (file not found)"]);
  expect([small.train.length, small.valid.length, small.leftOut]).toEqual([5, 4, 1]);
});
