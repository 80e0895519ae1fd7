// The weight of augmented views, for mixtures whose best one can be worked out by hand.

import { expect, test } from "vitest";
import { classTask } from "../task/task.ts";
import { fitViewWeight, mix } from "./view-weight.ts";

/** What mixtures of `plain` and `augmented` [images, 2] are worth, if all images are of class 0. */
const worthOf = (plain: Float32Array, augmented: Float32Array) => (weight: number) => {
  const items = Array.from({ length: plain.length / 2 }, (_, i) => ({ file: "", name: `${i}`, label: 0 }));
  return classTask(2).measureActivated(items, mix(plain, augmented, weight));
};
/** Probabilities [images, 2] from those of class 0. */
const rows = (...first: number[]) => Float32Array.from(first.flatMap((p) => [p, 1 - p]));

test("the weight is where the loss is least", () => {
  // −log(0.9 − 0.3w) − log(0.6 + 0.3w) is symmetric about w = 1/2.
  expect(fitViewWeight(worthOf(rows(0.9, 0.6), rows(0.6, 0.9)))).toBeCloseTo(0.5, 2);
  // −log(0.8 − 0.2w) − log(0.6 + 0.4w): 0.2/(0.8 − 0.2w) = 0.4/(0.6 + 0.4w) at w = 1.25, outside [0, 1].
  expect(fitViewWeight(worthOf(rows(0.8, 0.6), rows(0.6, 1)))).toBe(1);
});

test("the views count for nothing if they raise the loss, or lower it at the cost of accuracy", () => {
  expect(fitViewWeight(worthOf(rows(0.9, 0.9), rows(0.8, 0.7)))).toBe(0);
  expect(fitViewWeight(worthOf(rows(0.51, 0.01), rows(0.45, 0.3)))).toBe(0);
  expect(fitViewWeight(worthOf(rows(0.7), rows(0.7)))).toBe(0);
});
