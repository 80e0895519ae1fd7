import { expect, test } from "vitest";
import { randomStream } from "../core/random.ts";
import { standardize } from "../learner/probe/standardize.ts";
import { rankLabels } from "./label-errors.ts";
import { leaveOneOut } from "./leave-one-out.ts";
import { nearestNeighbours, nearPairs, neighbourVotes, rankOutliers } from "./neighbours.ts";

test("labels are ranked by probability; one is likely wrong if another class reaches the average of its own images", () => {
  // Means of the given labels' probabilities: class 0 (0.9 + 0.7 + 0.2)/3 = 0.6, class 1 (0.8 + 0.4)/2 = 0.6.
  const probabilities = Float32Array.of(0.9, 0.1, 0.7, 0.3, 0.2, 0.8, 0.2, 0.8, 0.6, 0.4);
  expect(rankLabels(probabilities, [0, 0, 0, 1, 1])).toEqual([
    { index: 2, given: 0, suggested: 1, score: expect.closeTo(0.8, 6), likely: true },
    { index: 4, given: 1, suggested: 0, score: expect.closeTo(0.6, 6), likely: true },
    { index: 1, given: 0, suggested: 1, score: expect.closeTo(0.3, 6), likely: false },
    { index: 3, given: 1, suggested: 0, score: expect.closeTo(0.2, 6), likely: false },
    { index: 0, given: 0, suggested: 1, score: expect.closeTo(0.1, 6), likely: false },
  ]);
});

test("standardised columns have mean 0 and deviation 1, and constant ones become 0", () => {
  expect(Array.from(standardize(Float32Array.of(1, 5, 3, 5), 2).values)).toEqual([-1, 0, 1, 0]);
});

/** Two clouds of 40 points in 8 dimensions. */
function clouds(): { values: Float32Array; labels: number[] } {
  const random = randomStream("clouds");
  const labels = Array.from({ length: 80 }, (_, i) => i % 2);
  const values = Float32Array.from(
    { length: 640 },
    (_, i) => random.normal() + (Math.floor(i / 8) % 2 === 0 ? 1.5 : -1.5) * (i % 8 < 4 ? 1 : -1),
  );
  return { values, labels };
}

test("classifiers without the image find the flipped labels, with the same result in every run", async () => {
  const { values, labels } = clouds();
  const turned = labels.map((label, i) => (i < 4 ? 1 - label : label));
  const probabilities = await leaveOneOut(values, turned, { classes: 2 });
  for (let row = 0; row < 80; row++) expect(probabilities[2 * row]! + probabilities[2 * row + 1]!).toBeCloseTo(1, 5);
  const doubted = rankLabels(probabilities, turned).slice(0, 4);
  expect(new Set(doubted.map(({ index }) => index))).toEqual(new Set([0, 1, 2, 3]));
  expect(doubted.every(({ likely }) => likely)).toBe(true);
  expect(await leaveOneOut(values, turned, { classes: 2 })).toEqual(probabilities);
});

test("neighbours are those with the largest cosines, across blocks of rows", async () => {
  const width = 5;
  const random = randomStream("neighbours");
  const values = Float32Array.from({ length: 300 * width }, () => random.normal());
  const { indices, similarities, count } = await nearestNeighbours(values, width, 3);
  const cosine = (a: number, b: number): number => {
    const [x, y] = [a, b].map((row) => values.subarray(row * width, (row + 1) * width)) as [Float32Array, Float32Array];
    return x.reduce((sum, value, i) => sum + value * y[i]!, 0) / (Math.hypot(...x) * Math.hypot(...y));
  };
  for (const row of [0, 7, 255, 256, 299]) {
    const others = Array.from({ length: 300 }, (_, other) => other).filter((other) => other !== row);
    const nearest = others.sort((a, b) => cosine(row, b) - cosine(row, a)).slice(0, 3);
    expect(Array.from(indices.subarray(row * count, (row + 1) * count))).toEqual(nearest);
    expect(similarities[row * count]).toBeCloseTo(cosine(row, nearest[0]!), 5);
  }
});

test("neighbours give near duplicates, votes and outliers", async () => {
  const values = Float32Array.of(1, 0, 0, /**/ 1, 0.01, 0, /**/ 0.8, 0.6, 0, /**/ 0, 0.1, 1);
  const neighbours = await nearestNeighbours(values, 3, 2);
  expect(nearPairs(neighbours, 0.99)).toEqual([{ a: 0, b: 1, similarity: expect.closeTo(1 / Math.hypot(1, 0.01), 6) }]);
  expect(rankOutliers(neighbours)[0]?.index).toBe(3);
  const votes = neighbourVotes(neighbours, [0, 1, 1, 0], 2);
  // Both neighbours of the first row are of class 1; the second has one of each class, and the nearer counts more.
  expect(Array.from(votes.subarray(0, 2))).toEqual([0, 1]);
  expect(votes[2]!).toBeCloseTo(1 / (1 + Math.exp(10 * (neighbours.similarities[3]! - neighbours.similarities[2]!))), 5);
});
