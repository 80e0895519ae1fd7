import { expect, test } from "vitest";
import { suggestValley } from "./suggest.ts";

const lrs = Array.from({ length: 12 }, (_, i) => 10 ** (i / 2 - 5));

test("the valley is the middle of the longest fall", () => {
  // Falls strictly from index 2 to 10: nine points that end at 10, taken to begin at 1; a third is 3, so index 1 + 3 + 1.
  const losses = [1, 1.1, 1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 5];
  expect(suggestValley(lrs, losses)).toBe(lrs[4]);
});

test("a curve that never falls has no valley", () => {
  expect(
    suggestValley(
      lrs,
      lrs.map((_, i) => i),
    ),
  ).toBeUndefined();
  expect(suggestValley([], [])).toBeUndefined();
});
