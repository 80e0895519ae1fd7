// Distances to known classes, worked out by hand.

import { expect, test } from "vitest";
import { distancesToKnown, fitDistanceLimit, fitKnownClasses } from "./known.ts";

// The roots are (1, 0), (3, 2) of class 0 and (−1, 4), (1, 2) of class 1.
const features = Float32Array.of(1, 0, 9, 4, -1, 16, 1, 4);
const labels = [0, 0, 1, 1];

test("means and variances are those of the signed square roots within the classes", () => {
  const { means, precision } = fitKnownClasses(features, labels, 2);
  expect(Array.from(means)).toEqual([2, 1, 0, 3]);
  // Each differs by 1 from its class's mean, so the variances are 1, and a tenth of their mean is added.
  expect(Array.from(precision)).toEqual([expect.closeTo(1 / 1.1, 6), expect.closeTo(1 / 1.1, 6)]);
});

test("the distance is to the nearest class, in deviations", () => {
  const known = fitKnownClasses(features, labels, 2);
  // (2, 1) is the first mean; (0, 5) is 2 from the second in one of two features.
  const [at, near] = distancesToKnown(Float32Array.of(4, 1, 0, 25), known);
  expect(at).toBeCloseTo(0, 6);
  expect(near).toBeCloseTo(Math.sqrt(4 / 1.1 / 2), 6);
});

test("the limit keeps the share of known images", () => {
  const distances = Array.from({ length: 20 }, (_, i) => 20 - i);
  expect(fitDistanceLimit(distances)).toBe(19);
  expect(fitDistanceLimit(distances, { keep: 1 })).toBe(20);
  expect(() => fitDistanceLimit(distances, { keep: 0 })).toThrow("Expected a number above 0 and at most 1 for keep but received 0");
  expect(() => fitKnownClasses(features, labels, 3)).toThrow("Expected rows of class 2 for the labels but received 0");
});
