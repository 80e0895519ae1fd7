// How often each image and each class comes, counted over seeds.

import fc from "fast-check";
import { expect, test } from "vitest";
import { randomStream } from "../../core/random.ts";
import { balancedOrder, classWeights, sampledOrder, weightedOrder } from "./sampling.ts";

const stream = (...key: number[]) => randomStream("sampling", ...key);

function countsOf(order: readonly number[], length: number): number[] {
  const counts = new Array<number>(length).fill(0);
  for (const index of order) counts[index]!++;
  return counts;
}

test("shuffled, each image comes once, in an order of the seed's", () => {
  const labels = [0, 0, 0, 1, 1, 2, 0, 1];
  const order = sampledOrder(labels, "shuffled", stream(1));
  expect(countsOf(order, labels.length)).toEqual(labels.map(() => 1));
  expect(sampledOrder(labels, "shuffled", stream(1))).toEqual(order);
  expect(sampledOrder(labels, "shuffled", stream(2))).not.toEqual(order);
});

test("balanced, every class comes as often as the others, and within it every image, to one", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 60 }), fc.nat(), (labels, seed) => {
      const order = balancedOrder(labels, stream(seed));
      expect(order).toHaveLength(labels.length);
      const images = countsOf(order, labels.length);
      const classes = [...new Set(labels)].map((label) => images.filter((_, index) => labels[index] === label));
      const totals = classes.map((counts) => counts.reduce((sum, count) => sum + count, 0));
      for (const counts of [...classes, totals]) expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    }),
    { numRuns: 200, seed: 5 },
  );
});

test("balanced, no class is always the one that comes once more, and classes are mixed", () => {
  const labels = [0, 0, 0, 0, 0, 0, 1];
  const extra = Array.from({ length: 200 }, (_, seed) => balancedOrder(labels, stream(seed)).filter((index) => index === 6).length);
  expect(new Set(extra)).toEqual(new Set([3, 4]));
  const starts = Array.from({ length: 200 }, (_, seed) => labels[balancedOrder(labels, stream(seed))[0]!]);
  expect(starts.filter((label) => label === 1).length).toBeGreaterThan(60);
});

test("weighted, images come in proportion to their weights, and never at weight 0", () => {
  const weights = [1, 0, 3, 6];
  const counts = countsOf(weightedOrder(weights, 20_000, stream(3)), 4);
  expect(counts[1]).toBe(0);
  // Four standard deviations of the binomial distribution.
  for (const [index, weight] of weights.entries())
    expect(Math.abs(counts[index]! - weight * 2000)).toBeLessThanOrEqual(4 * Math.sqrt(weight * 2000 * (1 - weight / 10)));
});

test("class weights are scikit-learn's: images / (classes · images of the class), and average to 1 over the images", () => {
  const labels = [0, 0, 0, 0, 0, 0, 1, 1, 2, 2];
  expect(classWeights(labels, 3)).toEqual([10 / 18, 10 / 6, 10 / 6]);
  const weights = classWeights(labels, 3);
  expect(labels.reduce((sum, label) => sum + weights[label]!, 0) / labels.length).toBeCloseTo(1, 12);
  expect(classWeights([0, 0, 2], 3)).toEqual([0.75, 0, 1.5]);
});

test("weights that cannot be are refused by what is wrong", () => {
  expect(() => sampledOrder([0, 1], [1], stream(1))).toThrow(
    "Expected 2 weights, one for each training image, for sampling but received 1",
  );
  expect(() => sampledOrder([0, 1], [1, -2], stream(1))).toThrow("Expected a number of at least 0 for weight 1 but received -2");
  expect(() => sampledOrder([0, 1], [1, Number.NaN], stream(1))).toThrow("for weight 1");
  expect(() => sampledOrder([0, 1], [0, 0], stream(1))).toThrow("Expected at least one weight above 0 for sampling");
  expect(() => sampledOrder([0, 1], "fair" as "balanced", stream(1))).toThrow(
    'Expected "shuffled", "balanced" or weights for sampling but received "fair"',
  );
  expect(() => classWeights([0, 3], 3)).toThrow("Expected a class from 0 to 2 for a label but received 3");
});

test("a hundred thousand images are ordered in each way", () => {
  const labels = Array.from({ length: 100_000 }, (_, i) => (i % 97 === 0 ? 1 : 0));
  for (const sampling of ["shuffled", "balanced", labels] as const) expect(sampledOrder(labels, sampling, stream(1))).toHaveLength(100_000);
});
