// A classifier in a product: paths, bytes and Blobs, simultaneous requests, and disposal.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Classifier, loadClassifier, UsageError } from "../../src/index.ts";
import { makeModel, picture, temporaryFolder } from "../fixtures/models.ts";

let folder: string;
let pictures: readonly Uint8Array[];
let model: Classifier;

beforeAll(async () => {
  [folder, pictures] = await Promise.all([makeModel(), Promise.all(Array.from({ length: 40 }, (_, phase) => picture(phase)))]);
  model = await loadClassifier(folder);
});
afterAll(() => model.dispose());

const probabilities = (result: readonly { class: string; probability: number }[]): number[] =>
  ["cats", "dogs"].map((name) => result.find((each) => each.class === name)!.probability);

test("a path, bytes and a Blob of the same picture get the same answer", async () => {
  const [bytes] = pictures as [Uint8Array];
  const file = join(await temporaryFolder(), "a.png");
  await writeFile(file, bytes);
  const fromBytes = await model.predict(bytes);
  expect(await model.predict(file)).toEqual(fromBytes);
  expect(await model.predict(new Blob([bytes as Uint8Array<ArrayBuffer>]))).toEqual(fromBytes);
});

test("many simultaneous pictures get the same answers as one after another", async () => {
  const serial: number[][] = [];
  for (const bytes of pictures) serial.push(probabilities(await model.predict(bytes)));
  expect(new Set(serial.map(([cats]) => cats)).size).toBeGreaterThan(30);
  const atOnce = await Promise.all(pictures.map((bytes) => model.predict(bytes)));
  expect(atOnce.flatMap(probabilities)).toBeAllClose(serial.flat(), 1e-6);
});

test("a picture that cannot be read fails without affecting the others", async () => {
  const results = await Promise.allSettled([pictures[0]!, new Uint8Array([1, 2, 3]), pictures[1]!].map((bytes) => model.predict(bytes)));
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect((results[1] as PromiseRejectedResult).reason).toMatchObject({ name: "ImageError", message: "not an image" });
});

test("dispose waits for running predictions, refuses new ones, and may be called again", async () => {
  const passing = await loadClassifier(folder);
  const running = Promise.all(pictures.slice(0, 5).map((bytes) => passing.predict(bytes)));
  let ended = false;
  const done = running.then((results) => {
    ended = true;
    return results;
  });
  await passing.dispose();
  expect(ended).toBe(true);
  expect((await done).length).toBe(5);
  const late = passing.predict(pictures[0]!);
  await expect(late).rejects.toThrow(UsageError);
  await expect(late).rejects.toThrow("This model was disposed of");
  await passing.dispose();
  const files = passing.predictFiles([join(folder, "..", "a.png")]);
  await expect(files[Symbol.asyncIterator]().next()).rejects.toThrow("This model was disposed of");
});
