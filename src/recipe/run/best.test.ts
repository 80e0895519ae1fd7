import { expect, test } from "vitest";
import type { ScannedItem } from "../../data/dataset/items.ts";
import { bestEpoch, betterAfter, betterOn, decisionsOf } from "./best.ts";

const of = (accuracy: number, validLoss: number) => ({ accuracy, validLoss });
const none = Number.NaN;

test("a result is better with a lower loss at no lower accuracy, or if it is more accurate by more than chance", () => {
  // The standard error of an accuracy of 0.9 of 100 images is 3 points, of 10,000 images 0.3.
  const [few, many] = [betterOn(100), betterOn(10_000)];
  expect(few(of(0.9, 1), of(0.9, 2))).toBe(true);
  expect(few(of(0.92, 1), of(0.9, 2))).toBe(true);
  expect(few(of(0.92, 2), of(0.9, 1))).toBe(false);
  expect(few(of(0.94, 2), of(0.9, 1))).toBe(true);
  expect(many(of(0.92, 2), of(0.9, 1))).toBe(true);
  expect(few(of(0.89, 1), of(0.9, 2))).toBe(false);
  expect(few(of(0.9, 1), of(0.9, 1))).toBe(false);
});

test("an accuracy of labels is the mean of as many decisions as images have labels", () => {
  const valid = Array<ScannedItem>(100).fill({ file: "", name: "", label: 0, hash: "" } as ScannedItem);
  const [one, several] = (["single", "multi"] as const).map((kind) =>
    betterOn(decisionsOf({ kind, classes: Array<string>(17).fill(""), valid })),
  );
  // The standard error of an accuracy of 0.95 of 100 images is 2.2 points, of their 1,700 labels 0.53.
  expect([0.955, 0.956].map((accuracy) => several!(of(accuracy, 2), of(0.95, 1)))).toEqual([false, true]);
  expect([0.956, 0.971, 0.972].map((accuracy) => one!(of(accuracy, 2), of(0.95, 1)))).toEqual([false, false, true]);
});

test("a loss that is no number is worse than any, and without accuracy the loss alone decides", () => {
  const better = betterOn(100);
  expect(better(of(1, none), of(0, 9))).toBe(false);
  expect(better(of(0, 9), of(1, none))).toBe(true);
  expect(better(of(none, 1), of(none, 2))).toBe(true);
  expect(better(of(none, 2), of(none, 1))).toBe(false);
});

test("an epoch that chance favoured does not stand in the way of one that is better than what was before", () => {
  const [before, lucky, better] = [of(0.9, 0.3), of(272 / 300, 0.31), of(271 / 300, 0.25)];
  const plain = betterOn(300);
  expect([plain(better, before), plain(lucky, before), plain(better, lucky)]).toEqual([true, false, false]);
  const after = betterAfter(before, plain);
  expect([after(better, lucky), after(lucky, better)]).toEqual([true, false]);
  expect(betterAfter(undefined, plain)).toBe(plain);
});

test("of epochs that chance may explain the first counts until one has a lower loss", () => {
  const epochs = [of(0.9, 0.3), of(0.91, 0.4), of(0.91, 0.29), of(0.92, 0.5)].map((worth, i) => ({
    ...worth,
    epoch: i + 1,
    epochs: 4,
    trainLoss: 0,
    seconds: 1,
  }));
  expect(bestEpoch(epochs, betterOn(100)).epoch).toBe(3);
  expect(bestEpoch(epochs, betterOn(1_000_000)).epoch).toBe(4);
});
