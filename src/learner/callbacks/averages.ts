// Averages of the weights along a fit: the exponential moving average, and stochastic weight averaging.

import * as v from "valibot";
import { expected } from "../../core/errors.ts";
import type { Tensor } from "../../core/tensor.ts";
import type { Parameters } from "../../nn/scope.ts";
import { type Callback, keptCount } from "../loop/callback.ts";

/** A callback that averages the weights; assign its `parameters` to `learner.parameters` to continue with them. */
export interface AveragingCallback extends Callback {
  /** The average so far; undefined before there is one. Running statistics of batch norm are averaged like weights. */
  readonly parameters: Parameters | undefined;
}

/**
 * The exponential moving average after every batch: a ← d·a + (1 − d)·w. The decay d in [0, 1) starts low, at (1 + t)/(10 + t) after t
 * batches, so that short fits do not stay near their start (as in TensorFlow's ExponentialMovingAverage).
 */
export function ema({ decay = 0.999 }: { decay?: number } = {}): AveragingCallback {
  if (!(decay >= 0 && decay < 1)) throw expected("a number in [0, 1)", "decay", decay);
  const average = newAverage();
  return {
    get parameters() {
      return average.parameters;
    },
    onTrainBegin: async (fit) => average.start(await fit.snapshot()),
    onBatchEnd: async (_, fit) => average.blend(await fit.parameters(), 1 - Math.min(decay, (1 + fit.step) / (10 + fit.step))),
    keep: () => ({ values: {}, tensors: average.parameters }),
    kept: v.object({}),
    onResume: (_, stored) => average.restore(stored?.tensors),
  };
}

/**
 * Stochastic weight averaging (Izmailov et al. 2018): the mean of the weights at the ends of the epochs from `start` (from 1) on. Batch norm's
 * running statistics must be updated for such weights, as `ConvLearner.fit` does for `useSwa`.
 */
export function swa({ start = 1 }: { start?: number } = {}): AveragingCallback {
  if (!Number.isInteger(start) || start < 1) throw expected("a whole number of at least 1", "swaStart", start);
  const average = newAverage();
  let count = 0;
  return {
    get parameters() {
      return average.parameters;
    },
    onTrainBegin() {
      average.clear();
      count = 0;
    },
    async onEpochEnd({ epoch }, fit) {
      if (epoch < start) return;
      count++;
      if (count === 1) average.start(await fit.snapshot());
      else average.blend(await fit.parameters(), 1 / count);
    },
    keep: () => ({ values: { count }, tensors: average.parameters }),
    kept: v.object({ count: keptCount }),
    onResume(_, stored) {
      count = Number(stored?.values.count ?? 0);
      average.restore(count > 0 ? stored?.tensors : undefined);
    },
  };
}

function newAverage() {
  let averaged: Parameters | undefined;
  return {
    get parameters() {
      return averaged;
    },
    clear(): void {
      averaged = undefined;
    },
    /** Resumes from a stored average. */
    restore(stored: Parameters | undefined): void {
      averaged = stored && new Map(stored);
    },
    start(parameters: Parameters): void {
      // Frozen tensors are shared with the network: those that train are this average's own copies.
      averaged = new Map([...parameters].map(([name, value]) => [name, { ...value, data: value.data.slice() } as Tensor]));
    },
    /** a ← a + share·(w − a). */
    blend(parameters: Parameters, share: number): void {
      for (const [name, { data, type }] of averaged ?? []) {
        const fresh = parameters.get(name)?.data as Float32Array;
        if (type !== "float32") continue;
        const own = data as Float32Array;
        for (let i = 0; i < own.length; i++) own[i] = own[i]! + share * (fresh[i]! - own[i]!);
      }
    },
  };
}
