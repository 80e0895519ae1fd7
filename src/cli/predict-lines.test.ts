// What predictions look like.

import { expect, test } from "vitest";
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

test("a person sees aligned columns, and an error in the place of an answer", () => {
  const columns = predictColumns([dog.file, broken.file], ["cats", "dogs"]);
  const lines = [predictHead(columns, plain), predictRow(columns, dog, plain), predictRow(columns, broken, plain)];
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
