import { expect, test } from "vitest";
import { watchDivergence } from "./divergence.ts";

test("a loss has diverged above four times the best after the tenth batch, and where it is not a number", () => {
  const diverged = watchDivergence();
  // The first ten do not count, however low.
  for (const loss of [...Array<number>(10).fill(0.001), 1, 0.5, 2]) expect(diverged(loss)).toBe(false);
  expect(diverged(2.001)).toBe(true);
  expect(watchDivergence()(Number.NaN)).toBe(true);
});
