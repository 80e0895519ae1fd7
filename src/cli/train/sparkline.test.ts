// A curve in one line of text.

import { expect, test } from "vitest";
import { sparkline } from "./sparkline.ts";

test("the scale goes from 0 to the top, which curves can share", () => {
  expect(sparkline([7, 6, 5, 4, 3, 2, 1, 0], 8, 7)).toBe("█▇▆▅▄▃▂▁");
  expect([sparkline([8, 7, 6, 5], 4, 8), sparkline([4, 3, 3, 2], 4, 8), sparkline([9], 4, 8)]).toEqual(["█▇▆▅", "▅▄▄▃", "█"]);
});

test("more values than columns are averaged, fewer take less room", () => {
  expect(sparkline([8, 6, 1, -1], 2, 7)).toBe("█▁");
  expect(sparkline([2, 1], 16, 2)).toBe("█▅");
});

test("what is not finite is left out, and there is no curve without a scale", () => {
  expect(sparkline([Number.NaN, 1, Number.POSITIVE_INFINITY, 0], 4, 1)).toBe("█▁");
  expect([sparkline([], 4, 1), sparkline([0, 0], 4, 0)]).toEqual(["", ""]);
});
