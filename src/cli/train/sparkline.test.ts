// A curve in one line of text.

import { expect, test } from "vitest";
import { sparkline } from "./sparkline.ts";

test("the smallest value is lowest and the largest highest", () => {
  expect(sparkline([7, 6, 5, 4, 3, 2, 1, 0], 8)).toBe("█▇▆▅▄▃▂▁");
});

test("more values than columns are averaged, fewer take less room", () => {
  expect(sparkline([8, 6, 1, -1], 2)).toBe("█▁");
  expect(sparkline([2, 1], 16)).toBe("█▁");
});

test("a flat curve is low, and what is not finite is left out", () => {
  expect(sparkline([3, 3, 3], 3)).toBe("▁▁▁");
  expect(sparkline([Number.NaN, 1, Number.POSITIVE_INFINITY, 0], 4)).toBe("█▁");
  expect(sparkline([], 4)).toBe("");
});
