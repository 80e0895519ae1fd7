// Numbers of options: what passes, and the text of what does not.

import { expect, test } from "vitest";
import { integer } from "./numbers.ts";

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
