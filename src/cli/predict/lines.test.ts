// What predictions look like.

import { describe, expect, test } from "vitest";
import { plain } from "../shared/terminal.ts";
import { predictColumns, predictHead, predictJson, predictRow } from "./lines.ts";

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
  const columns = predictColumns([dog.file, broken.file], pets, plain);
  const lines = [predictHead(columns, pets, plain), predictRow(columns, dog, pets, plain), predictRow(columns, broken, pets, plain)].flat();
  expect(lines.join("\n")).toMatchInlineSnapshot(`
    "file                 class  probability
    album/a.jpg          dogs        98.3 %
    album/long name.jpg  truncated JPEG"
  `);
});

test("a program gets one JSON object for each file", () => {
  expect(predictJson(dog, pets)).toBe('{"file":"album/a.jpg","class":"dogs","probabilities":{"dogs":0.98333,"cats":0.01667}}');
  expect(predictJson(broken, pets)).toBe('{"file":"album/long name.jpg","error":"truncated JPEG"}');
});

test("the best few are listed where they are asked for", () => {
  const best = { ...pets, top: 2 };
  const columns = predictColumns([dog.file], best, plain);
  expect([predictHead(columns, best, plain), predictRow(columns, dog, best, plain)].flat()).toEqual([
    "file         classes",
    "album/a.jpg  dogs 98.3 %, cats 1.7 %",
  ]);
  expect(predictJson(dog, { ...pets, top: 1 })).toBe('{"file":"album/a.jpg","class":"dogs","probabilities":{"dogs":0.98333}}');
});

test("a picture of none of the classes is called so, with the class that it is most like", () => {
  const maybe = { kind: "single", names: ["cats", "dogs"], mayBeNone: true } as const;
  const [known, unknown] = [true, false].map((present) => ({
    file: "a.jpg",
    predictions: [
      { class: "dogs", probability: 0.6, present },
      { class: "cats", probability: 0.4, present: false },
    ],
  }));
  const columns = predictColumns(["a.jpg"], maybe, plain);
  expect([known, unknown].flatMap((result) => predictRow(columns, result!, maybe, plain))).toEqual([
    "a.jpg  dogs               60.0 %",
    "a.jpg  none (dogs?)       60.0 %",
  ]);
  expect(predictJson(unknown!, maybe)).toBe('{"file":"a.jpg","class":null,"probabilities":{"dogs":0.6,"cats":0.4}}');
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
    const columns = predictColumns([sunny.file, nothing.file, broken.file], tags, plain);
    const lines = [
      ...predictHead(columns, tags, plain),
      ...[sunny, nothing, broken].flatMap((result) => predictRow(columns, result, tags, plain)),
    ];
    expect(lines).toEqual([
      "file                 labels",
      "a.jpg                sun 98.1 %, beach 50.0 %",
      "b.jpg                none",
      "album/long name.jpg  truncated JPEG",
    ]);
  });

  test("gives a program the list and all probabilities", () => {
    expect(predictJson(sunny, tags)).toBe(
      '{"file":"a.jpg","labels":["sun","beach"],"probabilities":{"sun":0.981,"beach":0.5,"rain":0.01}}',
    );
    expect(predictJson(nothing, tags)).toBe('{"file":"b.jpg","labels":[],"probabilities":{"sun":0.25}}');
  });
});

test("a model of numbers has a column for each, and gives a program all digits", () => {
  const sizes = { kind: "continuous", names: ["age", "weight in grams"] } as const;
  const child = {
    file: "a.jpg",
    values: new Map([
      ["age", 7.123456789],
      ["weight in grams", 25123.456],
    ]),
  };
  const columns = predictColumns([child.file], sizes, plain);
  expect([predictHead(columns, sizes, plain), predictRow(columns, child, sizes, plain)].flat()).toEqual([
    "file        age  weight in grams",
    "a.jpg    7.1235            25123",
  ]);
  expect(predictJson(child, sizes)).toBe('{"file":"a.jpg","values":{"age":7.123456789,"weight in grams":25123.456}}');
});

test("names that are whole numbers, or mean something to JavaScript, keep their order and their values", () => {
  const names = ["90", "30", "__proto__", "constructor"];
  const turned = { file: "a.jpg", values: new Map(names.map((name, i) => [name, i + 0.5])) };
  const numbers = { kind: "continuous", names } as const;
  const [row = ""] = predictRow(predictColumns([turned.file], numbers, plain), turned, numbers, plain);
  expect(row.split(/ +/)).toEqual(["a.jpg", "0.5", "1.5", "2.5", "3.5"]);
  expect(predictJson(turned, numbers)).toBe('{"file":"a.jpg","values":{"90":0.5,"30":1.5,"__proto__":2.5,"constructor":3.5}}');
  const classes = names.map((name, i) => ({ class: name, probability: 0.4 - i / 10 }));
  expect(predictJson({ file: "a.jpg", predictions: classes }, { kind: "single", names })).toBe(
    '{"file":"a.jpg","class":"90","probabilities":{"90":0.4,"30":0.30000000000000004,"__proto__":0.2,"constructor":0.10000000000000003}}',
  );
});

test("a narrow terminal wraps names in their columns, and without room for columns answers are below the files", () => {
  const long = { ...dog, file: "a/rather/long/path/to/a/photograph-0001.jpg" };
  const at = (width: number): readonly string[] => {
    const paint = { ...plain, width };
    const columns = predictColumns([long.file, broken.file], pets, paint);
    return [predictHead(columns, pets, paint), ...[long, broken].map((result) => predictRow(columns, result, pets, paint))].flat();
  };
  expect(at(40)).toEqual([
    "file                  class  probability",
    "a/rather/long/path/t  dogs        98.3 %",
    "o/a/photograph-0001.",
    "jpg",
    "album/long name.jpg   truncated JPEG",
  ]);
  expect(at(20)).toEqual([long.file, "  dogs  98.3 %", broken.file, "  truncated JPEG"]);
});

test.each([
  [1_700_000_123.4, 5_000_000, "1700000123"], // seconds: five digits would lose days
  [1234.56789, 0.05, "1234.56789"],
  [0.123456, 0.3, "0.1235"],
  [12.3456, 0, "12.346"],
  [-1.5e-7, 1e-8, "-1.5e-7"],
])("%d of a deviation of %d is printed as %s", (value, deviation, text) => {
  const predicted = { kind: "continuous", names: ["when"], deviations: [deviation] } as const;
  const result = { file: "a.jpg", values: new Map([["when", value]]) };
  const columns = predictColumns(["a.jpg"], predicted, plain);
  expect(predictRow(columns, result, predicted, plain)).toEqual([`a.jpg  ${text.padStart(12)}`]);
});
