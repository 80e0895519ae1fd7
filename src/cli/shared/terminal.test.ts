// Colours, numbers and columns.

import { expect, test } from "vitest";
import { clock, paintFor, percent, printable, quantity, table, wrapWords } from "./terminal.ts";

test("colours are for terminals, and NO_COLOR has the last word", () => {
  const colours = (isTTY: boolean, env: NodeJS.ProcessEnv): boolean => paintFor({ isTTY }, env).red("x") !== "x";
  expect(colours(true, {})).toBe(true);
  expect(colours(false, {})).toBe(false);
  expect(colours(true, { NO_COLOR: "1" })).toBe(false);
  expect(colours(true, { NO_COLOR: "" })).toBe(true);
  expect(colours(true, { TERM: "dumb" })).toBe(false);
  expect(colours(false, { FORCE_COLOR: "1" })).toBe(true);
  expect(colours(true, { FORCE_COLOR: "0" })).toBe(false);
  expect(colours(true, { FORCE_COLOR: "1", NO_COLOR: "1" })).toBe(false);
});

test("durations read as a clock", () => {
  expect([0, 59.6, 65, 3599, 3605, 360_000].map(clock)).toEqual(["00:00", "01:00", "01:05", "59:59", "1:00:05", "100:00:00"]);
});

test("amounts read as a person writes them", () => {
  expect([quantity(1, "class", "classes"), quantity(2, "class", "classes"), quantity(23_000, "photograph")]).toEqual([
    "1 class",
    "2 classes",
    "23,000 photographs",
  ]);
  expect([percent(0.98333), percent(1), percent(Number.NaN)]).toEqual(["98.3 %", "100.0 %", "–"]);
});

test("a name cannot steer the terminal", () => {
  expect(printable("a\u001b[31mb\nc\u0007.jpg")).toBe("ab?c?.jpg");
  expect(printable("Käfer 🐞.jpg")).toBe("Käfer 🐞.jpg");
});

test("columns are as wide as their widest cell", () => {
  const rows = [
    ["stage", "time"],
    ["precompute", "00:12"],
    ["tta", "1:00:00"],
  ];
  expect(table(["left", "right"], rows).join("\n")).toMatchInlineSnapshot(`
    "stage          time
    precompute    00:12
    tta         1:00:00"
  `);
});

test("a line that is too long breaks between words, and colours take no room", () => {
  expect(wrapWords("train all layers, the earliest slowest", 12)).toEqual(["train all", "layers, the", "earliest", "slowest"]);
  expect(wrapWords("\u001b[1mtrain\u001b[22m all", 9)).toEqual(["\u001b[1mtrain\u001b[22m all"]);
  expect(wrapWords("  1  0.5", 80)).toEqual(["  1  0.5"]);
  expect(wrapWords("/a/very/long/path is kept", 10)).toEqual(["/a/very/long/path", "is kept"]);
  expect(wrapWords("", 10)).toEqual([""]);
});
