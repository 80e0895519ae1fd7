// The result of an epoch, and which of two is better.

import type { Metrics } from "../task/task.ts";

export interface EpochResult {
  /** From 1. */
  readonly epoch: number;
  readonly epochs: number;
  /** Exponential average of the training loss (β 0.98, bias-corrected), over the whole fit. */
  readonly trainLoss: number;
  readonly validLoss: number;
  /** In [0, 1]: the share of images whose class is right, or of labels; NaN if the targets are numbers. */
  readonly accuracy: number;
  /** All measures, unless the accuracy is the only one: "accuracy", "f1" and "f2" of labels, or "rmse", "mae" and "r2" of numbers. */
  readonly metrics?: Metrics;
  /** Time of its steps and its validation. */
  readonly seconds: number;
}

/** The validation of the averaged weights after an epoch. */
export interface SwaResult {
  /** From 1. */
  readonly epoch: number;
  readonly validLoss: number;
  readonly accuracy: number;
  readonly metrics?: Metrics;
}

/** Whether the first of two epochs is better. */
export type IsBetter = (a: EpochResult, b: EpochResult) => boolean;

/** fastai's rule for the best epoch: higher accuracy if there is one, then lower validation loss. Any loss is better than NaN. */
export function isBetter(a: Pick<EpochResult, "accuracy" | "validLoss">, b: Pick<EpochResult, "accuracy" | "validLoss">): boolean {
  if (Number.isNaN(a.validLoss) || Number.isNaN(b.validLoss)) return !Number.isNaN(a.validLoss);
  return a.accuracy > b.accuracy || (!(a.accuracy < b.accuracy) && a.validLoss < b.validLoss);
}
