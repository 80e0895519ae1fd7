import { expect, test } from "vitest";
import { float32 } from "../../core/tensor.ts";
import type { FitState } from "../loop/callback.ts";
import type { EpochResult } from "../loop/loop.ts";
import { ema, swa } from "./averages.ts";

function stateOf(value: number, step = 0): FitState {
  const parameters = new Map([["w", float32([value, -value])]]);
  return { step, parameters: async () => parameters, snapshot: async () => parameters } as unknown as FitState;
}

const epochOf = (epoch: number) => ({ epoch }) as EpochResult;

test("swa is the mean over the epochs from its start on", async () => {
  const average = swa({ start: 2 });
  await average.onTrainBegin?.(stateOf(0));
  for (const [i, value] of [100, 1, 2, 6].entries()) await average.onEpochEnd?.(epochOf(i + 1), stateOf(value));
  expect(average.parameters?.get("w")?.data).toBeAllClose([3, -3], 1e-6);
});

test("ema follows at 1 − decay, faster in the first batches", async () => {
  const average = ema({ decay: 0.9 });
  await average.onTrainBegin?.(stateOf(1));
  await average.onBatchEnd?.(0, stateOf(2, 0));
  expect(average.parameters?.get("w")?.data).toBeAllClose([1 + 0.9, -1.9], 1e-6);
  await average.onBatchEnd?.(0, stateOf(3.9, 1000));
  expect(average.parameters?.get("w")?.data).toBeAllClose([1.9 + 0.2, -2.1], 1e-6);
});

test("an average does not write to the weights that it began with", async () => {
  const average = ema();
  const state = stateOf(1);
  await average.onTrainBegin?.(state);
  await average.onBatchEnd?.(0, stateOf(5, 3));
  expect(Array.from((await state.parameters()).get("w")?.data as Float32Array)).toEqual([1, -1]);
});

test("settings out of range are refused", () => {
  expect(() => ema({ decay: 1 })).toThrow("Expected a number in [0, 1) for decay but received 1");
  expect(() => swa({ start: 0 })).toThrow("Expected a whole number of at least 1 for swaStart but received 0");
});
