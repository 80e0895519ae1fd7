import { expect, test } from "vitest";
import type { StagePlan } from "../file/schema.ts";
import { budgetOf, shortened } from "./budget.ts";

const stage = (name: StagePlan["name"], size = 224): StagePlan => ({ name, network: "n", size, cycles: 3, cycleLen: 1, cycleMult: 2 });

test("a budget counts down, and never below zero; without a limit it lasts for ever", () => {
  let now = 5_000;
  const budget = budgetOf(60, 10, () => now);
  expect(budget.left()).toBe(50);
  now += 20_000;
  expect(budget.left()).toBe(30);
  now += 90_000;
  expect(budget.left()).toBe(0);
  expect(budgetOf(undefined, 0, () => now).left()).toBe(Number.POSITIVE_INFINITY);
});

test("what is left is shared out by what stages cost, larger images by their area, and the last one takes all", () => {
  const budget = budgetOf(1000, 0, () => 0);
  expect(budget.share([stage("precompute"), stage("augment"), stage("unfreeze")], 4)).toBeCloseTo(100, 9);
  expect(budget.share([stage("unfreeze")], 4)).toBeCloseTo((1000 * 6) / 7, 9);
  expect(budget.share([stage("unfreeze")], 0)).toBe(1000);
  expect(budget.share([stage("augment", 112), stage("augment", 224)], 0)).toBeCloseTo(200, 9);
});

test("a stage keeps the cycles that fit, then epochs of one cycle, and goes where not one epoch fits", () => {
  const plan = stage("unfreeze");
  expect(shortened(plan, 10, 70)).toEqual(plan);
  expect(shortened(plan, 10, 69)).toEqual({ ...plan, cycles: 2 });
  expect(shortened(plan, 10, 29)).toEqual({ ...plan, cycles: 1 });
  expect(shortened(plan, 10, 9)).toBeUndefined();
  const long = { ...plan, cycles: 1, cycleLen: 5 };
  expect(shortened(long, 10, 35)).toEqual({ ...long, cycleLen: 3 });
});
