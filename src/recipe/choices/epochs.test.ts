import { expect, test } from "vitest";
import { cyclesFor, cyclesOf, epochsOf } from "./epochs.ts";

test("few images get more epochs, and many fewer", () => {
  const epochs = (train: number) => (["precompute", "augment", "unfreeze"] as const).map((stage) => epochsOf(cyclesFor(stage, train)));
  expect([100, 2000, 50_000].map(epochs)).toEqual([
    [15, 3, 3],
    [7, 3, 3],
    [3, 2, 1],
  ]);
});

test("a number of epochs becomes cycles that double where it can, one cycle an epoch for the augmented head, else a single cycle", () => {
  expect(cyclesOf("precompute", 7)).toEqual({ cycles: 3, cycleLen: 1, cycleMult: 2 });
  expect(cyclesOf("unfreeze", 1)).toEqual({ cycles: 1, cycleLen: 1, cycleMult: 2 });
  expect(cyclesOf("unfreeze", 5)).toEqual({ cycles: 1, cycleLen: 5, cycleMult: 1 });
  expect(cyclesOf("augment", 7)).toEqual({ cycles: 7, cycleLen: 1, cycleMult: 1 });
  for (const epochs of [1, 2, 3, 5, 7, 12, 15]) expect(epochsOf(cyclesOf("precompute", epochs))).toBe(epochs);
});

test("the epochs of all cycles are counted without listing them", () => {
  expect(epochsOf({ cycles: 4, cycleLen: 3, cycleMult: 10 })).toBe(3333);
  expect(epochsOf({ cycles: 2 ** 53, cycleLen: 2, cycleMult: 1 })).toBe(2 ** 54);
  expect(epochsOf({ cycles: 2 ** 53, cycleLen: 1, cycleMult: 2 })).toBe(Number.POSITIVE_INFINITY);
});
