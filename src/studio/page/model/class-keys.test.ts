import { expect, test } from "vitest";
import { keysOf, matching } from "./class-keys.ts";

const classes = (count: number): string[] => Array.from({ length: count }, (_, i) => `class ${i}`);

test("nine classes have digits, those after them letters, and with more than 35 only the first nine have keys", () => {
  expect([...keysOf(classes(10)).values()].join("")).toBe("123456789a");
  expect([...keysOf(classes(35)).values()].join("")).toBe("123456789abcdefghijklmnopqrstuvwxyz");
  expect([...keysOf(classes(36)).values()].join("")).toBe("123456789");
});

test("what begins with the typed text comes first, then words that do, then names that have it", () => {
  const names = ["climbing rose", "primrose", "tulip", "Rose of Sharon"];
  expect(matching(names, " ROSE")).toEqual(["Rose of Sharon", "climbing rose", "primrose"]);
  expect(matching(names, "")).toEqual(names);
  expect(matching(names, "x")).toEqual([]);
});
