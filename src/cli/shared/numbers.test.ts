// Numbers of options: what passes, and the text of what does not.

import { expect, test } from "vitest";
import { decimal, duration, integer, list, oneOf } from "./numbers.ts";

test("an integer in range passes, its ends included", () => {
  expect(["32", "224", "1024"].map(integer("--size", 32, 1024))).toEqual([32, 224, 1024]);
  expect(integer("--seed", 0)("0")).toBe(0);
});

test.each(["31", "1025", "-64", "64.5", "1e2", "0x40", "", " 64", "many"])("%o is refused as a size", (text) => {
  expect(() => integer("--size", 32, 1024)(text)).toThrow(`Expected an integer from 32 to 1024 for --size but received "${text}"`);
});

test("a number without an upper end names its lower end, and must be exact", () => {
  expect(() => integer("--bs", 2)("1")).toThrow('Expected an integer of at least 2 for --bs but received "1"');
  expect(() => integer("--seed", 0)("9007199254740993")).toThrow("for --seed");
});

test("decimals, lists, durations and words are read as they are meant", () => {
  expect(["0.005", "3e-4", "1"].map(decimal("--lr", 1e-8, 100))).toEqual([0.005, 3e-4, 1]);
  expect(list(decimal("--lr", 0, 1))("0.1, 0.2")).toEqual([0.1, 0.2]);
  expect(["90s", "10m", "1h30m", "0.5m"].map(duration("--time"))).toEqual([90, 600, 5400, 30]);
  expect(oneOf("--balance", ["none", "weights"])("weights")).toBe("weights");
});

test.each([
  ["a rate of nothing", () => decimal("--lr", 1e-8, 100)(""), 'Expected a number from 1e-8 to 100 for --lr but received ""'],
  ["a rate too large", () => decimal("--lr", 1e-8, 100)("101"), 'Expected a number from 1e-8 to 100 for --lr but received "101"'],
  ["a hole in a list", () => list(decimal("--lr", 0, 1))("0.1,,0.2"), 'Expected a number from 0 to 1 for --lr but received ""'],
  [
    "a time without unit",
    () => duration("--time")("10"),
    'Expected a duration such as "90s", "10m" or "1h30m" for --time but received "10"',
  ],
  ["no time", () => duration("--time")("0m"), 'for --time but received "0m"'],
  [
    "another word",
    () => oneOf("--balance", ["none", "weights"])("even"),
    'Expected one of none, weights for --balance but received "even"',
  ],
] as const)("%s is refused", (_, read, message) => {
  expect(read).toThrow(message);
});
