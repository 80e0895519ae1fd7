import { describe, expect, test } from "vitest";
import type { Facts } from "./choice.ts";
import { balanceFor, batchSizeFor, bnFreezeFor } from "./from-photographs.ts";

const facts = (train: number, classCounts: readonly number[] = []): Facts => ({ train, classCounts, cores: 2 });

describe("the choices that depend on the photographs", () => {
  test("are batches of 64, fewer where an epoch would have few steps", () => {
    expect([10, 100, 500, 960, 2000, 50_000].map((train) => batchSizeFor(facts(train)).value)).toEqual([16, 16, 16, 32, 64, 64]);
  });

  test("show classes equally often from a ratio of 3 between the largest and the smallest on, and say the ratio", () => {
    const even = balanceFor(facts(400, [200, 150, 70]));
    expect([even.value, even.reason]).toEqual(["none", "classes of similar size"]);
    const uneven = balanceFor(facts(400, [300, 0, 25]));
    expect([uneven.value, uneven.reason]).toEqual(["sampling", "the largest class has 12 times as many images as the smallest"]);
    expect(balanceFor(facts(400)).value).toBe("none");
  });

  test("leave batch norm its statistics below 10,000 images", () => {
    expect([9_999, 10_000].map((train) => bnFreezeFor(facts(train)).value)).toEqual([true, false]);
  });
});
