// Tables in terminals of any width.

import stringWidth from "fast-string-width";
import picocolors from "picocolors";
import { expect, test } from "vitest";
import { table } from "./table.ts";
import { plain } from "./terminal.ts";

test("columns are as wide as their widest cell", () => {
  const rows = [
    ["precompute", "00:12"],
    ["tta", "1:00:00"],
  ];
  expect(table(["left", "right"], rows, plain, { head: ["stage", "time"] }).join("\n")).toMatchInlineSnapshot(`
    "stage          time
    precompute    00:12
    tta         1:00:00"
  `);
});

test("wide characters, emoji and colours keep columns aligned", () => {
  const { red } = picocolors.createColors(true);
  const lines = table(
    ["left", "right"],
    [
      ["三毛猫", "1"],
      ["👩‍🔬", "22"],
      ["é", "333"],
      [red("dog"), "4444"],
    ],
    plain,
  );
  expect(lines.map((line) => stringWidth(line))).toEqual([12, 12, 12, 12]);
});

const rows = [
  ["valid/cats/a picture with a long name.jpg", "cats", "dogs", "0.912", "likely wrong"],
  ["valid/dogs/2.jpg", "猫と犬と鳥と馬", "cats", "0.811", ""],
];
const head = ["file", "label", "rather", "doubt", ""];

test("a table that is too wide wraps the texts in its columns, then becomes paragraphs", () => {
  const at = (width: number) => table(["left", "left", "left", "right", "left"], rows, { ...plain, width }, { head }).join("\n");
  expect(at(60)).toMatchInlineSnapshot(`
    "file             label           rather  doubt
    valid/cats/a     cats            dogs    0.912  likely wrong
    picture with a
    long name.jpg
    valid/dogs/2.jp  猫と犬と鳥と馬  cats    0.811
    g"
  `);
  expect(at(40)).toMatchInlineSnapshot(`
    "valid/cats/a picture with a long
    name.jpg
      label cats  rather dogs  doubt 0.912
      likely wrong
    valid/dogs/2.jpg
      label 猫と犬と鳥と馬  rather cats
      doubt 0.811"
  `);
});

test("no line is longer than the terminal is wide, and every character is printed", () => {
  const letters = (text: string) => [...text.replaceAll(/\s/g, "")].toSorted().join("");
  for (const width of [30, 40, 60, 80, 100, 200]) {
    const lines = table(["left", "left", "left", "right", "left"], rows, { ...plain, width }, { indent: 2 });
    for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(width);
    expect(letters(lines.join(""))).toBe(letters(rows.flat().join("")));
  }
});
