import { expect, test } from "vitest";
import { smoothed, smoother } from "./smoothing.ts";

test("the running loss is the bias-corrected average with β 0.98", () => {
  const smooth = smoother();
  // 0.04 / 0.02; (0.98 · 0.04 + 0.02 · 1) / (1 − 0.9604); (0.98 · 0.0592 + 0.02 · 3) / (1 − 0.941192).
  expect([2, 1, 3].map(smooth)).toEqual([
    expect.closeTo(2, 12),
    expect.closeTo(0.0592 / 0.0396, 12),
    expect.closeTo(0.118016 / 0.058808, 12),
  ]);
});

test("equal losses stay what they are, and another β forgets faster", () => {
  expect(Array.from({ length: 50 }, () => 0.7).map(smoother())).toEqual(Array(50).fill(expect.closeTo(0.7, 12)));
  // 0.5 · 0.5 · 4 + 0.5 · 0 over 1 − 0.25.
  expect([4, 0].map(smoother(0.5))).toEqual([4, expect.closeTo(1 / 0.75, 12)]);
});

test("it goes on from what was kept", () => {
  const kept = { average: 0.0592, steps: 2 };
  expect(smoothed(kept, 3)).toBeCloseTo(0.118016 / 0.058808, 12);
  expect(kept).toEqual({ average: expect.closeTo(0.118016, 12), steps: 3 });
});
