import { expect, test } from "vitest";
import type { RecipeEvent } from "../events.ts";
import { historyOf } from "./stage-history.ts";

const epoch = (number: number, trainLoss: number): RecipeEvent => ({
  event: "epoch",
  stage: "precompute",
  epoch: number,
  epochs: 2,
  trainLoss,
  validLoss: 1,
  accuracy: 0.9,
  bestAccuracy: 0.9,
  seconds: 1,
});
const begin = (size: number): RecipeEvent => ({ event: "stage", name: "precompute", purpose: "", size });
const end = (size: number): RecipeEvent => ({
  event: "stageEnd",
  name: "precompute",
  size,
  accuracy: 0.9,
  seconds: 2,
  kept: true,
  note: "",
});

test("epochs are of the stage that they ran in, also where its name comes again at another size", () => {
  const found = historyOf([begin(64), epoch(1, 5), epoch(2, 4), end(64), begin(96), epoch(1, 3), end(96)]);
  expect(found.map(({ title, epochs }) => [title, epochs.map(({ trainLoss }) => trainLoss)])).toEqual([
    ["precompute (64 pixels)", [5, 4]],
    ["precompute (96 pixels)", [3]],
  ]);
});

test("a stage that there was no time for is none of the run", () => {
  const found = historyOf([begin(64), epoch(1, 5), end(64), { event: "stage", name: "unfreeze", purpose: "" }]);
  expect(found.map(({ title }) => title)).toEqual(["precompute (64 pixels)"]);
});
