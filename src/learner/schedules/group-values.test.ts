import { expect, test } from "vitest";
import { perGroup, slice } from "./group-values.ts";

test("one number is for all groups, a list is one for each", () => {
  expect(perGroup(0.1, 3, "learning rates")).toEqual([0.1, 0.1, 0.1]);
  expect(perGroup([0.1], 3, "learning rates")).toEqual([0.1, 0.1, 0.1]);
  expect(perGroup([1, 2, 3], 3, "learning rates")).toEqual([1, 2, 3]);
});

test("a list of another length is refused", () => {
  expect(() => perGroup([1, 2], 3, "weight decays")).toThrow("Expected 1 or 3 for the number of weight decays but received 2");
});

test("slice(lo, hi) goes in equal ratios, slice(hi) is a tenth before the head", () => {
  expect(perGroup(slice(1e-4, 1e-2), 3, "learning rates")).toEqual([1e-4, expect.closeTo(1e-3, 9), 1e-2]);
  expect(perGroup(slice(0.1), 3, "learning rates")).toEqual([expect.closeTo(0.01), expect.closeTo(0.01), 0.1]);
  expect(perGroup(slice(1e-4, 1e-2), 1, "learning rates")).toEqual([1e-2]);
});

test("a slice of numbers that are not positive is refused", () => {
  expect(() => slice(0, 1)).toThrow("Expected a positive number for slice but received 0");
});
