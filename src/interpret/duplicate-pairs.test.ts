// Pairs that are nearly the same, by features and by pixels, as one list. `thaw check` and this list must never disagree.

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { checkFolder, closePool } from "../data/index.ts";
import { cosine, duplicatePairs, sameOnDisk } from "./duplicate-pairs.ts";

afterAll(closePool);

test("pairs come once, copies before others, and every copy is called one", () => {
  // Row 0's nearest is 1, and so on; 3 and 4 are similar by their features.
  const neighbours = {
    count: 1,
    indices: Int32Array.of(1, 2, 1, 4, 3, 0),
    similarities: Float32Array.of(0.5, 0.95, 0.95, 0.9, 0.9, 0.1),
  };
  const similarityOf = (a: number, b: number) => 1 / (1 + a + b);
  const pairs = duplicatePairs(neighbours, 0.85, { copies: [[2, 0, 1]], alike: [[5, 4]] }, similarityOf);
  expect(pairs.map(({ a, b, copy }) => [a, b, copy])).toEqual([
    [1, 2, true],
    [0, 2, true],
    [3, 4, false],
    [4, 5, false],
  ]);
  expect(pairs.map(({ similarity }) => similarity)).toEqual([expect.closeTo(0.95, 5), 1 / 3, expect.closeTo(0.9, 5), 0.1]);
});

test("rows are compared by their directions", () => {
  const values = Float32Array.of(1, 0, 1, 1, 0, 0, -3, 0);
  expect(cosine(values, 2, 0, 1)).toBeCloseTo(Math.SQRT1_2, 12);
  expect(cosine(values, 2, 0, 3)).toBe(-1);
  expect(cosine(values, 2, 0, 2)).toBe(0);
});

test("a picture at another contrast, which a network may not recognise, is a copy here as in thaw check", async () => {
  const root = mkdtempSync(join(tmpdir(), "thaw-pairs-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const name of ["a", "b"]) mkdirSync(join(root, name));
  const noise = (seed: number) =>
    sharp(
      Uint8Array.from({ length: 12 * 12 * 3 }, (_, i) => (Math.imul(i + seed, 2654435761) >>> 24) & 255),
      {
        raw: { width: 12, height: 12, channels: 3 },
      },
    ).resize(96, 96);
  for (const [i, name] of ["a/0.png", "a/1.png", "b/2.png", "b/3.png"].entries()) await noise(1000 * i).toFile(join(root, name));
  await sharp(join(root, "a/1.png")).linear(0.5, 60).toFile(join(root, "b/dull.png"));
  const names = ["a/0.png", "a/1.png", "b/2.png", "b/3.png", "b/dull.png"];
  const { copies } = await sameOnDisk(
    names.map((name) => ({ file: join(root, name), name, label: 0 })),
    root,
    {},
  );
  expect(copies.map((group) => group.map((position) => names[position]))).toEqual([["a/1.png", "b/dull.png"]]);
  const report = await checkFolder(root);
  expect(report.copies.map(({ images }) => images.map(({ name }) => name))).toEqual([["a/1.png", "b/dull.png"]]);
});
