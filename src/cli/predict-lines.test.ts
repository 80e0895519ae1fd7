// What predictions look like.

import { describe, expect, test } from "vitest";
import { predictColumns, predictHead, predictJson, predictRow } from "./predict-lines.ts";
import { plain } from "./terminal.ts";

const dog = {
  file: "album/a.jpg",
  predictions: [
    { class: "dogs", probability: 0.98333 },
    { class: "cats", probability: 0.01667 },
  ],
};
const broken = { file: "album/long name.jpg", error: "truncated JPEG" };

const pets = { kind: "single", names: ["cats", "dogs"] } as const;

test("a person sees aligned columns, and an error in the place of an answer", () => {
  const columns = predictColumns([dog.file, broken.file], pets);
  const lines = [predictHead(columns, pets, plain), predictRow(columns, dog, plain), predictRow(columns, broken, plain)];
  expect(lines.join("\n")).toMatchInlineSnapshot(`
    "file                 class  probability
    album/a.jpg          dogs        98.3 %
    album/long name.jpg  truncated JPEG"
  `);
});

test("a program gets one JSON object for each file", () => {
  expect(predictJson(dog)).toBe('{"file":"album/a.jpg","class":"dogs","probabilities":{"dogs":0.98333,"cats":0.01667}}');
  expect(predictJson(broken)).toBe('{"file":"album/long name.jpg","error":"truncated JPEG"}');
});

describe("a model of several labels", () => {
  const tags = { kind: "multi", names: ["beach", "rain", "sun"] } as const;
  const sunny = {
    file: "a.jpg",
    predictions: [
      { class: "sun", probability: 0.981, present: true },
      { class: "beach", probability: 0.5, present: true },
      { class: "rain", probability: 0.01, present: false },
    ],
  };
  const nothing = { file: "b.jpg", predictions: [{ class: "sun", probability: 0.25, present: false }] };

  test("lists those that reach its threshold, most probable first", () => {
    const columns = predictColumns([sunny.file, nothing.file], tags);
    const lines = [predictHead(columns, tags, plain), ...[sunny, nothing, broken].map((result) => predictRow(columns, result, plain))];
    expect(lines).toEqual(["file   labels", "a.jpg  sun 98.1 %, beach 50.0 %", "b.jpg  none", "album/long name.jpg  truncated JPEG"]);
  });

  test("gives a program the list and all probabilities", () => {
    expect(predictJson(sunny)).toBe('{"file":"a.jpg","labels":["sun","beach"],"probabilities":{"sun":0.981,"beach":0.5,"rain":0.01}}');
    expect(predictJson(nothing)).toBe('{"file":"b.jpg","labels":[],"probabilities":{"sun":0.25}}');
  });
});

test("a model of numbers has a column for each, and gives a program all digits", () => {
  const sizes = { kind: "continuous", names: ["age", "weight in grams"] } as const;
  const child = { file: "a.jpg", values: { age: 7.123456789, "weight in grams": 25123.456 } };
  const columns = predictColumns([child.file], sizes);
  expect([predictHead(columns, sizes, plain), predictRow(columns, child, plain)]).toEqual([
    "file        age  weight in grams",
    "a.jpg    7.1235            25123",
  ]);
  expect(predictJson(child)).toBe('{"file":"a.jpg","values":{"age":7.123456789,"weight in grams":25123.456}}');
});
