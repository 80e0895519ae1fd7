import { describe, expect, test } from "vitest";
import { chooseFor, cyclesFor, cyclesOf, epochsOf } from "./choices.ts";

describe("the choices", () => {
  test("are batches of 64, fewer where an epoch would have few steps", () => {
    expect([10, 100, 500, 960, 2000, 50_000].map((train) => chooseFor({ train, classCounts: [] }).bs)).toEqual([16, 16, 16, 32, 64, 64]);
  });

  test("show classes equally often from a ratio of 3 between the largest and the smallest on, and say the ratio", () => {
    const even = chooseFor({ train: 400, classCounts: [200, 150, 70] });
    expect([even.balance, even.why.balance]).toEqual(["none", "classes of similar size"]);
    const uneven = chooseFor({ train: 400, classCounts: [300, 0, 25] });
    expect([uneven.balance, uneven.why.balance]).toEqual(["sampling", "the largest class has 12 times as many images as the smallest"]);
    expect(chooseFor({ train: 400, classCounts: [] }).balance).toBe("none");
  });

  test("leave batch norm its statistics below 10,000 images", () => {
    expect([9_999, 10_000].map((train) => chooseFor({ train, classCounts: [] }).bnFreeze)).toEqual([true, false]);
  });

  test("take more epochs for few images and fewer for many", () => {
    const epochs = (train: number) => (["precompute", "augment", "unfreeze"] as const).map((stage) => epochsOf(cyclesFor(stage, train)));
    expect([100, 2000, 50_000].map(epochs)).toEqual([
      [15, 3, 3],
      [7, 3, 3],
      [3, 2, 1],
    ]);
  });
});

test("a number of epochs becomes cycles that double where it can, one cycle an epoch for the augmented head, else a single cycle", () => {
  expect(cyclesOf("precompute", 7)).toEqual({ cycles: 3, cycleLen: 1, cycleMult: 2 });
  expect(cyclesOf("unfreeze", 1)).toEqual({ cycles: 1, cycleLen: 1, cycleMult: 2 });
  expect(cyclesOf("unfreeze", 5)).toEqual({ cycles: 1, cycleLen: 5, cycleMult: 1 });
  expect(cyclesOf("augment", 7)).toEqual({ cycles: 7, cycleLen: 1, cycleMult: 1 });
  for (const epochs of [1, 2, 3, 5, 7, 12, 15]) expect(epochsOf(cyclesOf("precompute", epochs))).toBe(epochs);
});
