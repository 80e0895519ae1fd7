// The table of predictions that programs read.

import { expect, test } from "vitest";
import { csvHead, csvRow } from "./csv.ts";
import type { Predicted } from "./lines.ts";

const table = (predicted: Predicted, ...results: Parameters<typeof csvRow>[0][]): string[] => [
  csvHead(predicted),
  ...results.map((result) => csvRow(result, predicted)),
];
const broken = { file: 'my "best", photo.jpg', error: "truncated JPEG" };
const dog = {
  file: "a.jpg",
  predictions: [
    { class: "dogs", probability: 0.75 },
    { class: "cats", probability: 0.25 },
  ],
};

test("classes have a column, and so has their probability; what needs quotes gets them", () => {
  expect(table({ kind: "single", names: ["cats", "dogs"] }, dog, broken)).toEqual([
    "file,class,probability,error",
    "a.jpg,dogs,0.75,",
    '"my ""best"", photo.jpg",,,truncated JPEG',
  ]);
  expect(table({ kind: "single", names: ["cats", "dogs"], top: 2 }, dog, broken)).toEqual([
    "file,class 1,probability 1,class 2,probability 2,error",
    "a.jpg,dogs,0.75,cats,0.25,",
    '"my ""best"", photo.jpg",,,,,truncated JPEG',
  ]);
});

test("an image of none of the classes has no class", () => {
  const [first, second] = dog.predictions as [(typeof dog.predictions)[0], (typeof dog.predictions)[0]];
  const none = { file: "b.jpg", predictions: [{ ...first, present: false }, second] };
  expect(csvRow(none, { kind: "single", names: ["cats", "dogs"], mayBeNone: true })).toBe("b.jpg,,0.75,");
});

test("labels are listed, with the probability of each; numbers have a column each", () => {
  const sunny = {
    file: "a.jpg",
    predictions: [
      { class: "sun", probability: 0.9, present: true },
      { class: "beach", probability: 0.6, present: true },
      { class: "rain", probability: 0.1, present: false },
    ],
  };
  expect(table({ kind: "multi", names: ["beach", "rain", "sun"] }, sunny, broken)).toEqual([
    "file,labels,beach,rain,sun,error",
    "a.jpg,sun beach,0.6,0.1,0.9,",
    '"my ""best"", photo.jpg",,,,,truncated JPEG',
  ]);
  expect(table({ kind: "continuous", names: ["age"] }, { file: "a.jpg", values: new Map([["age", 7.125]]) })).toEqual([
    "file,age,error",
    "a.jpg,7.125,",
  ]);
});

test("labels with spaces in their names are separated by something else", () => {
  const labelled = {
    file: "a.jpg",
    predictions: ["tabby cat", "dog"].map((name) => ({ class: name, probability: 0.75, present: true })),
  };
  expect(csvRow(labelled, { kind: "multi", names: ["dog", "tabby cat"] })).toBe("a.jpg,tabby cat;dog,0.75,0.75,");
});
