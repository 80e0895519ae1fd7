// The corners that no reference settles, and values worked out by hand.

import { expect, test } from "vitest";
import { softmaxRows } from "../classifier/softmax.ts";
import { randomStream } from "../core/random.ts";
import * as metrics from "./index.ts";

test("indices below 0 are answers of none, and count as neither right nor wrong", () => {
  const counts = metrics.countLabels([0, -1, 1, 1], [0, 0, 1, -1], 2);
  expect(counts).toEqual({ hits: Float64Array.of(1, 1), predicted: Float64Array.of(1, 2), actual: Float64Array.of(2, 1) });
  expect(Array.from(metrics.confusionMatrix([0, -1, 1, 1], [0, 0, 1, -1], 2).counts)).toEqual([1, 0, 0, 1]);
});

test("without any class that occurs, means and balanced accuracy are not numbers", () => {
  expect(metrics.mean([Number.NaN])).toBeNaN();
  expect(metrics.mean([])).toBeNaN();
  expect(metrics.balancedAccuracy(metrics.confusionMatrix([], [], 2))).toBeNaN();
});

test("kappa is not a number where both always name the same class", () => {
  expect(metrics.cohenKappa(metrics.confusionMatrix([1, 1], [1, 1], 2))).toBeNaN();
});

test("of equal values the first counts as larger, in top-k as in accuracy", () => {
  const values = Float32Array.of(1, 1, 0, /**/ 1, 1, 0);
  expect(metrics.topKAccuracy(values, [0, 1], 1)).toBe(0.5);
  expect(metrics.accuracy(values, Int32Array.of(0, 1))).toBe(0.5);
  expect(metrics.topKAccuracy(values, [0, 1], 2)).toBe(1);
});

test("the area under the curve: all right 1, all wrong 0, all tied a half, one class only not a number", () => {
  expect(metrics.rocAuc([1, 2, 3], [0, 0, 1])).toBe(1);
  expect(metrics.rocAuc([3, 2, 1], [0, 0, 1])).toBe(0);
  expect(metrics.rocAuc([1, 1, 1], [0, 0, 1])).toBe(0.5);
  expect(metrics.rocAuc([1, 2], [1, 1])).toBeNaN();
});

test("a sure mistake costs a finite log-loss", () => {
  expect(metrics.logLoss(Float32Array.of(1, 0), [1])).toBeCloseTo(23 * Math.LN2, 12);
});

test("calibration bins hold their upper ends; the gap is weighted by rows", () => {
  const probabilities = Float32Array.of(0.75, 0.25, /**/ 0.75, 0.25, /**/ 1, 0);
  const bins = metrics.calibrationBins(probabilities, [0, 1, 1], 4);
  expect(bins.map(({ count }) => count)).toEqual([0, 0, 2, 1]);
  expect(bins[2]).toEqual({ count: 2, confidence: 0.75, accuracy: 0.5 });
  expect(metrics.calibrationError(probabilities, [0, 1, 1], 4)).toBeCloseTo((2 * 0.25 + 1 * 1) / 3, 12);
});

test("thresholds are as many as classes, and a tie of scores goes to the smallest", () => {
  expect(() => metrics.chooseLabels(Float32Array.of(0, 1), 2, [0.5])).toThrow(
    'Expected 2 numbers, one for each class, for thresholds but received "1 of them"',
  );
  expect(metrics.findThreshold(Float32Array.of(0.2, 0.8), [0, 1], 2, { thresholds: [0.3, 0.5, 0.7] })).toEqual({
    threshold: 0.3,
    score: 1,
  });
  expect(() => metrics.findThreshold(Float32Array.of(0.2, 0.8), [0, 1], 2, { thresholds: [] })).toThrow("at least one number");
});

test("a label that never occurs keeps the threshold of a half", () => {
  expect(metrics.findThresholdPerClass(Float32Array.of(0.2, 0.8), [0, 0], 1)).toEqual([{ threshold: 0.5, score: 0 }]);
});

test("the temperature undoes a known one, and stays in its range where every row is right, or wrong", () => {
  const random = randomStream("temperature");
  const rows = 4000;
  const logits = Float32Array.from({ length: rows * 3 }, () => 2 * random.normal());
  const probabilities = softmaxRows(logits, 3);
  const targets = Int32Array.from({ length: rows }, (_, row) => {
    const draw = random.uniform(0, 1);
    return draw < probabilities[row * 3]! ? 0 : draw < probabilities[row * 3]! + probabilities[row * 3 + 1]! ? 1 : 2;
  });
  expect(metrics.fitTemperature(logits, targets)).toBeCloseTo(1, 1);
  const sure = logits.map((logit) => 3 * logit);
  const temperature = metrics.fitTemperature(sure, targets);
  expect(temperature / metrics.fitTemperature(logits, targets)).toBeCloseTo(3, 5);
  const honest = metrics.calibrationError(softmaxRows(metrics.withTemperature(sure, temperature), 3), targets);
  expect(honest).toBeLessThan(0.03);
  expect(metrics.calibrationError(softmaxRows(sure, 3), targets)).toBeGreaterThan(0.15);
  expect(metrics.fitTemperature(Float32Array.of(3, 0, 0, 3), [0, 1])).toBe(0.05);
  expect(metrics.fitTemperature(Float32Array.of(3, 0, 0, 3), [1, 0])).toBe(20);
  expect(metrics.fitTemperature(Float32Array.of(1, 1), [1])).toBe(1);
});

test("with one more row of which nothing is known, a few right rows do not make a classifier sure of everything", () => {
  const [rows, logits] = [20, Float32Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? 3 : 0))];
  const targets = new Int32Array(rows);
  expect(metrics.fitTemperature(logits, targets)).toBe(0.05);
  const temperature = metrics.fitTemperature(logits, targets, { spread: 1 / (rows + 1) });
  // The cross-entropy with targets of 1 − 1/42 and 1/42 is least where these are the probabilities.
  expect(softmaxRows(metrics.withTemperature(logits, temperature), 2)[0]).toBeCloseTo(1 - 1 / 42, 5);
  expect(() => metrics.fitTemperature(logits, targets, { spread: 1 })).toThrow("a number of at least 0 and below 1 for spread");
});

test("mistakes in calibration are told", () => {
  expect(() => metrics.fitTemperature(new Float32Array(0), [])).toThrow("Expected at least one row for the targets but received 0");
  expect(() => metrics.withTemperature(Float32Array.of(1), 0)).toThrow("Expected a number above 0 for the temperature but received 0");
  expect(() => metrics.fitRejection(Float32Array.of(0, 1), [1], { keep: 0 })).toThrow("above 0 and at most 1 for keep");
  expect(() => metrics.fitRejection(Float32Array.of(0, 1), [0])).toThrow("at least one image that is classified rightly");
});

test("the threshold for none of these keeps the share of right answers that was asked for, and not more than it must", () => {
  const confident = [0.99, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6, 0.55];
  const probabilities = Float32Array.from(confident.flatMap((p) => [p, 1 - p]));
  // The two least sure of the ten, and one sure one, are wrong.
  const targets = [0, 0, 1, 0, 0, 0, 0, 0, 1, 1];
  const all = metrics.fitRejection(probabilities, targets, { keep: 1 });
  expect(all).toEqual({ threshold: Math.fround(0.65), answered: 0.8, accuracy: 7 / 8 });
  const most = metrics.fitRejection(probabilities, targets, { keep: 0.7 });
  expect(most).toEqual({ threshold: Math.fround(0.75), answered: 0.6, accuracy: 5 / 6 });
  expect(Array.from(metrics.classesOrNone(probabilities, 2, all.threshold))).toEqual([0, 0, 0, 0, 0, 0, 0, 0, -1, -1]);
});
