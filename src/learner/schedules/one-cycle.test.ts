import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { flatCosine, oneCycle, oneCycleBeta, slantedTriangle } from "./one-cycle.ts";

const reference: { steps: number; oneCycle: number[]; oneCycleMomentum: number[]; flatCosine: number[] } = JSON.parse(
  await readFile(new URL("../../../test/reference/schedules.json", import.meta.url), "utf8"),
);
const steps = Array.from({ length: reference.steps }, (_, i) => i);

describe("the slanted triangle (20, 8) of 80 batches has fastai's values", () => {
  test.each([
    [0, 0.05],
    [1, 0.145],
    [10, 1],
    [11, 0.9864],
    [79, 0.0636],
    [80, 0.05],
  ])("at batch %i: %f", (step, factor) => {
    expect(slantedTriangle([80, 80], { div: 20, cutDiv: 8 }).lr(step)).toBeCloseTo(factor, 4);
  });

  test("momentum falls while the rate rises, and comes back", () => {
    const { momentum } = slantedTriangle([80], { div: 20, cutDiv: 8, momMax: 0.95, momMin: 0.85 });
    expect([0, 5, 10, 45].map((step) => momentum?.(step))).toEqual([0.95, expect.closeTo(0.9), expect.closeTo(0.85), expect.closeTo(0.9)]);
    expect(slantedTriangle([80]).momentum).toBeUndefined();
  });
});

describe("the 1cycle (10, 10) of 100 batches has fastai 0.7's values", () => {
  test.each([
    [0, 0.1],
    [45, 1],
    [90, 0.1],
    [91, 0.0901],
    [99, 0.0109],
  ])("at batch %i: %f", (step, factor) => {
    expect(oneCycleBeta([100], { div: 10, pct: 10 }).lr(step)).toBeCloseTo(factor, 4);
  });

  test("momentum goes down, up, and stays", () => {
    const { momentum } = oneCycleBeta([100], { mom0: 0.95, mom1: 0.85 });
    expect([0, 45, 90, 99].map((step) => momentum?.(step))).toEqual([0.95, expect.closeTo(0.85), 0.95, 0.95]);
  });
});

test("fastai 2's 1cycle: rate and momentum at every batch", () => {
  const { lr, momentum } = oneCycle(reference.steps);
  expect(steps.map(lr)).toBeAllClose(reference.oneCycle, 1e-6);
  expect(steps.map((step) => momentum?.(step) ?? 0)).toBeAllClose(reference.oneCycleMomentum, 1e-6);
});

test("fastai 2's flat cosine at every batch", () => {
  expect(steps.map(flatCosine(reference.steps).lr)).toBeAllClose(reference.flatCosine, 1e-6);
});

test("cycles too short for a rise stay finite", () => {
  for (const length of [1, 2, 3]) {
    for (const { lr } of [slantedTriangle([length]), oneCycleBeta([length]), oneCycle(length, { pctStart: 1 }), flatCosine(length)])
      expect(lr(length - 1)).toBeGreaterThan(0);
  }
});

test("impossible settings are refused by name", () => {
  expect(() => slantedTriangle([10], { div: 0 })).toThrow("Expected a number of at least 1 for div but received 0");
  expect(() => oneCycleBeta([10], { pct: 100 })).toThrow("Expected a number of percent in [0, 100) for pct but received 100");
  expect(() => oneCycle(10, { pctStart: 2 })).toThrow("Expected a share in [0, 1] for pctStart but received 2");
  expect(() => slantedTriangle([10], { momMax: 0.95 })).toThrow("Expected two momenta for momMax and momMin");
});
