import { expect, test } from "vitest";
import { shownPart } from "./shown.ts";

test("the first ten points and the last five are omitted, unless other numbers are given", () => {
  expect(shownPart(100)).toEqual([10, 95]);
  expect(shownPart(100, { nSkip: 3 })).toEqual([3, 95]);
  expect(shownPart(100, { nSkipEnd: 0 })).toEqual([10, 100]);
});

test("if fewer than ten would remain, all are shown", () => {
  expect(shownPart(25)).toEqual([10, 20]);
  expect(shownPart(24)).toEqual([0, 24]);
  expect(shownPart(100, { nSkip: 90, nSkipEnd: 1 })).toEqual([0, 100]);
  expect(shownPart(0)).toEqual([0, 0]);
});
