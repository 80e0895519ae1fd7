// Draws from Beta(alpha, alpha): their distribution, mean and variance.

import { describe, expect, test } from "vitest";
import { drawBeta } from "./beta.ts";
import { randomStream } from "./random.ts";

describe("Beta(alpha, alpha)", () => {
  const COUNT = 20_000;
  const draws = (alpha: number) => {
    const random = randomStream("beta", alpha);
    return Array.from({ length: COUNT }, () => drawBeta(alpha, random));
  };
  // The distance that one sample in 10,000 exceeds (Kolmogorov and Smirnov).
  const LIMIT = 2.23 / Math.sqrt(COUNT);

  test.each([
    ["½ (the arcsine distribution)", 0.5, (x: number) => (2 / Math.PI) * Math.asin(Math.sqrt(x))],
    ["1 (uniform)", 1, (x: number) => x],
    ["2", 2, (x: number) => x * x * (3 - 2 * x)],
    ["3", 3, (x: number) => x ** 3 * (10 - 15 * x + 6 * x * x)],
  ])("has the known distribution for an alpha of %s", (_, alpha, distribution) => {
    const sorted = draws(alpha).sort((a, b) => a - b);
    const distance = Math.max(...sorted.map((value, i) => Math.abs(distribution(value) - (i + 0.5) / COUNT)));
    expect(distance).toBeLessThan(LIMIT);
  });

  test.each([0.001, 0.1, 0.2, 0.4, 1.0001, 8, 300])("has mean ½ and variance 1/(8·alpha + 4) for an alpha of %d", (alpha) => {
    const values = draws(alpha);
    const variance = 1 / (8 * alpha + 4);
    const mean = values.reduce((sum, value) => sum + value, 0) / COUNT;
    expect(Math.abs(mean - 0.5)).toBeLessThan(4 * Math.sqrt(variance / COUNT));
    const spread = values.reduce((sum, value) => sum + (value - 0.5) ** 2, 0) / COUNT;
    expect(Math.abs(spread / variance - 1)).toBeLessThan(0.05);
    expect(values.every((value) => value >= 0 && value <= 1)).toBe(true);
  });

  test.each([0, -1, Number.NaN])("refuses an alpha of %d", (alpha) => {
    expect(() => drawBeta(alpha, randomStream(1))).toThrow("Expected a number above 0 for alpha but received");
  });
});
