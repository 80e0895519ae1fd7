import { expect, test } from "vitest";
import type { FitState } from "../loop/callback.ts";
import type { EpochResult } from "../loop/loop.ts";
import { earlyStopping, measureOf, reduceOnPlateau, stopOnNaN } from "./monitor.ts";

const fit = { lrScale: 1 } as FitState;

function resultOf(validLoss: number, accuracy = 0.5): EpochResult {
  return { epoch: 1, epochs: 9, trainLoss: 1, validLoss, accuracy, seconds: 1, metrics: { f1: accuracy } };
}

test("earlyStopping ends the fit after its patience without a lower loss", () => {
  const callback = earlyStopping({ patience: 2 });
  callback.onTrainBegin?.(fit);
  expect([1, 0.9, 0.95, 0.85, 0.85, 0.86].map((loss) => callback.onEpochEnd?.(resultOf(loss), fit))).toEqual([
    false,
    false,
    false,
    false,
    false,
    true,
  ]);
});

test("of accuracies more is better, by more than minDelta", () => {
  const callback = earlyStopping({ monitor: "accuracy", minDelta: 0.05 });
  callback.onTrainBegin?.(fit);
  expect([0.5, 0.6, 0.62].map((accuracy) => callback.onEpochEnd?.(resultOf(1, accuracy), fit))).toEqual([false, false, true]);
});

test("a loss that is not a number is never better", () => {
  const callback = earlyStopping();
  callback.onTrainBegin?.(fit);
  expect(callback.onEpochEnd?.(resultOf(Number.NaN), fit)).toBe(true);
});

test("reduceOnPlateau divides the rates, again after as many epochs, to no less than minScale", async () => {
  const state = { lrScale: 1 } as FitState;
  const callback = reduceOnPlateau({ patience: 2, minScale: 0.05 });
  callback.onTrainBegin?.(state);
  const scales: number[] = [];
  for (const loss of [1, 1, 1, 1, 1]) {
    expect(await callback.onEpochEnd?.(resultOf(loss), state)).toBeUndefined();
    scales.push(state.lrScale);
  }
  expect(scales).toEqual([1, 1, 0.1, 0.1, 0.05]);
});

test("stopOnNaN ends the fit at a loss that is not a number", () => {
  expect([0.1, Number.NaN, Number.POSITIVE_INFINITY].map((loss) => stopOnNaN().onBatchEnd?.(loss, fit))).toEqual([false, true, true]);
});

test("a measure that there is not is refused with those that there are", () => {
  expect(measureOf(resultOf(1, 0.7), "f1")).toBe(0.7);
  expect(() => measureOf(resultOf(1), "auc")).toThrow('Expected one of trainLoss, validLoss, accuracy, f1 for monitor but received "auc"');
});

test("settings that make no sense are refused", () => {
  expect(() => earlyStopping({ patience: 0 })).toThrow("Expected a whole number of at least 1 for patience but received 0");
  expect(() => reduceOnPlateau({ factor: 1 })).toThrow("Expected a number above 1 for factor but received 1");
});
