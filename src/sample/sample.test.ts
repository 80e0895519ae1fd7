// The sample pictures: reproducible by seed, harmless to other files in their folder, and equally light for both classes.

import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { decoder } from "#decode";
import type { Progress } from "../core/progress.ts";
import { formatOf } from "../data/decode/image.ts";
import type { Animal } from "./look.ts";
import { drawPicture } from "./picture.ts";
import { drawSample } from "./sample.node.ts";

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "sample-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
    .sort();
}

describe("a sample folder", () => {
  test("has two classes to train on and a third as many pictures to validate on, all JPEGs that decode", async () => {
    const folder = join(await emptyFolder(), "new", "pictures");
    const progress: Progress[] = [];
    const drawn = await drawSample({ folder, count: 4, onProgress: (step) => void progress.push(step) });
    expect(drawn).toEqual({ classes: ["cats", "dogs"], train: 8, valid: 4 });
    const files = await filesBelow(folder);
    const names = (part: string, animal: Animal, count: number): string[] =>
      Array.from({ length: count }, (_, i) => `${part}/${animal}s/${animal}-000${i + 1}.jpg`);
    expect(files).toEqual([
      ...names("train", "cat", 4),
      ...names("train", "dog", 4),
      ...names("valid", "cat", 2),
      ...names("valid", "dog", 2),
    ]);
    for (const file of files) {
      const bytes = await readFile(join(folder, file));
      expect(formatOf(bytes)).toBe("JPEG");
      const { width, height } = await decoder.decode(bytes);
      expect(Math.min(width, height)).toBeGreaterThanOrEqual(216);
      expect(Math.max(width, height)).toBeLessThanOrEqual(336);
    }
    expect(progress.at(-1)).toEqual({ task: "Drawing pictures", done: 12, total: 12, unit: "pictures" });
  });

  test("has the same bytes for the same seed, whatever the count, and others for another seed", async () => {
    const [one, two, other] = [await emptyFolder(), await emptyFolder(), await emptyFolder()];
    await drawSample({ folder: one, seed: 7, count: 2 });
    await drawSample({ folder: two, seed: 7, count: 3 });
    await drawSample({ folder: other, seed: 8, count: 2 });
    for (const file of await filesBelow(one)) {
      const bytes = await readFile(join(one, file));
      expect(bytes.equals(await readFile(join(two, file)))).toBe(true);
      expect(bytes.equals(await readFile(join(other, file)))).toBe(false);
    }
  });

  test("has no duplicate pictures", async () => {
    const folder = await emptyFolder();
    await drawSample({ folder, count: 6 });
    const pictures = await Promise.all((await filesBelow(folder)).map((file) => readFile(join(folder, file), "base64")));
    expect(new Set(pictures).size).toBe(16);
  });

  test("is refused if the folder is not empty; force replaces earlier pictures and leaves other files alone", async () => {
    const folder = await emptyFolder();
    await drawSample({ folder, count: 3 });
    const mine = join(folder, "train", "cats", "minka.jpg");
    await writeFile(mine, "mine");
    await expect(drawSample({ folder, count: 1 })).rejects.toMatchObject({
      name: "UsageError",
      message: `${folder} is not empty`,
      hint: expect.stringContaining("--force"),
    });
    await drawSample({ folder, count: 1, force: true });
    expect(await filesBelow(folder)).toEqual([
      "train/cats/cat-0001.jpg",
      "train/cats/minka.jpg",
      "train/dogs/dog-0001.jpg",
      "valid/cats/cat-0001.jpg",
      "valid/dogs/dog-0001.jpg",
    ]);
    expect(await readFile(mine, "utf8")).toBe("mine");
  });

  test("cannot be drawn into a file or without pictures", async () => {
    const file = join(await emptyFolder(), "file");
    await writeFile(file, "");
    await expect(drawSample({ folder: file })).rejects.toMatchObject({ name: "UsageError", message: expect.stringContaining(file) });
    await expect(drawSample({ folder: "pictures", count: 0 })).rejects.toThrow(
      "Expected an integer of at least 1 for count but received 0",
    );
  });

  test("stops when aborted", async () => {
    const stop = new AbortController();
    const onProgress = ({ done }: Progress): void => {
      if (done > 0) stop.abort(new Error("stopped"));
    };
    await expect(drawSample({ folder: await emptyFolder(), signal: stop.signal, onProgress })).rejects.toThrow("stopped");
  });
});

describe("the colours of cats and dogs", () => {
  const count = 400;
  const inked: Record<Animal, string> = { cat: "", dog: "" };
  beforeAll(() => {
    for (const animal of ["cat", "dog"] as const) {
      inked[animal] = Array.from({ length: count }, (_, i) => drawPicture(animal, "colours", i).svg).join("");
    }
  });

  test("have the same lightness on average: colour does not tell them apart", () => {
    const mean = (animal: Animal): number => {
      const values = [...inked[animal].matchAll(/offset="0.55" stop-color="#(\w{6})"/g)].map(([, hex = ""]) => {
        const [red, green, blue] = [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as [number, number, number];
        return (red + green + blue) / 3 / 255;
      });
      expect(values).toHaveLength(count);
      return values.reduce((sum, value) => sum + value, 0) / count;
    };
    expect(Math.abs(mean("cat") - mean("dog"))).toBeLessThan(0.05);
  });
});
