// Callbacks that monitor a measure of the validation: stop early, save the best, lower the rate on a plateau; and two that stop a failed fit.

import * as v from "valibot";
import { expected } from "../../core/errors.ts";
import type { Parameters } from "../../nn/scope.ts";
import { type Callback, keptCount, keptNumber } from "../loop/callback.ts";
import { type EpochResult, type IsBetter, isBetter } from "../loop/epoch-result.ts";
import { type Watched, watchDivergence } from "./divergence.ts";

export interface MonitorOptions {
  /** "validLoss" (the default), "trainLoss", "accuracy", or the name of one of the metrics. Losses and errors count as better when lower. */
  monitor?: string;
  /** What a change must exceed to count as better; default 0. */
  minDelta?: number;
  /** Epochs without improvement before it acts, at least 1; default 1. */
  patience?: number;
}

/** Measures that are better when lower. */
const LOWER = /loss|rmse|mae|error|brier/i;

/** Ends the fit after `patience` epochs without improvement. (fastai 2's EarlyStoppingCallback.) */
export function earlyStopping(options: MonitorOptions = {}): Callback {
  const watch = newWatch(options);
  return { ...watch.callback, onEpochEnd: (result) => watch.stale(result) };
}

/**
 * Divides all learning rates by `factor` (default 10) after every `patience` epochs without improvement, to no less than the share
 * `minScale` (default 0) of the schedule's. (fastai 2's ReduceLROnPlateau.)
 */
export function reduceOnPlateau({
  factor = 10,
  minScale = 0,
  ...options
}: MonitorOptions & { factor?: number; minScale?: number } = {}): Callback {
  if (!(factor > 1)) throw expected("a number above 1", "factor", factor);
  const watch = newWatch(options);
  return {
    ...watch.callback,
    onEpochEnd(result, fit) {
      if (!watch.stale(result)) return;
      fit.lrScale = Math.max(minScale, fit.lrScale / factor);
      watch.wait();
    },
  };
}

/** Calls `save` with a copy of the parameters after every epoch that is better than all before. */
export function saveBest(save: (parameters: Parameters, result: EpochResult) => unknown, { isBetter }: { isBetter: IsBetter }): Callback {
  let best: EpochResult | undefined;
  return {
    onTrainBegin() {
      best = undefined;
    },
    onResume({ results }) {
      best = results
        .filter(({ validLoss }) => !Number.isNaN(validLoss))
        .reduce<EpochResult | undefined>((before, result) => (before && !isBetter(result, before) ? before : result), undefined);
    },
    async onEpochEnd(result, fit) {
      if (Number.isNaN(result.validLoss) || (best && !isBetter(result, best))) return;
      best = result;
      await save(await fit.snapshot(), result);
    },
  };
}

/** Ends the fit when the training loss is no longer a number. (fastai 2's TerminateOnNaNCallback.) */
export function stopOnNaN(): Callback {
  return { onBatchEnd: (loss) => !Number.isFinite(loss) };
}

/** Ends the fit when the smoothed training loss is above four times its best after the tenth batch, or no number (fastai 0.7's `stop_div`). */
export function stopOnDivergence(): Callback {
  const fresh = (): Watched => ({ seen: 0, best: Number.POSITIVE_INFINITY });
  const watched = fresh();
  const diverged = watchDivergence(watched);
  return {
    onTrainBegin: () => void Object.assign(watched, fresh()),
    onBatchEnd: (loss) => diverged(loss),
    keep: () => ({ values: { ...watched } }),
    kept: v.object({ seen: keptCount, best: keptNumber }),
    onResume: (_, stored) => void Object.assign(watched, stored?.values),
  };
}

/**
 * Which of two epochs is better by `monitor`; ties of a measure, and all comparisons without `monitor`, by fastai's rule. By both, any loss is
 * better than NaN; a function decides by itself.
 */
export function betterBy(monitor: string | IsBetter | undefined): IsBetter {
  if (monitor === undefined) return isBetter;
  if (typeof monitor === "function") return monitor;
  const sign = LOWER.test(monitor) ? -1 : 1;
  return (a, b) => {
    if (Number.isNaN(a.validLoss) || Number.isNaN(b.validLoss)) return !Number.isNaN(a.validLoss);
    const difference = sign * (measureOf(a, monitor) - measureOf(b, monitor));
    return difference === 0 ? isBetter(a, b) : difference > 0;
  };
}

/** The value of `monitor` in an epoch's result. Throws a UsageError that names the measures there are. */
export function measureOf(result: EpochResult, monitor: string): number {
  const { trainLoss, validLoss, accuracy, metrics } = result;
  const values = new Map(Object.entries({ trainLoss, validLoss, accuracy, ...metrics }));
  const value = values.get(monitor);
  if (value === undefined) throw expected(`one of ${[...values.keys()].join(", ")}`, "monitor", monitor);
  return value;
}

function newWatch({ monitor = "validLoss", minDelta = 0, patience = 1 }: MonitorOptions) {
  if (!Number.isInteger(patience) || patience < 1) throw expected("a whole number of at least 1", "patience", patience);
  const sign = LOWER.test(monitor) ? -1 : 1;
  let best = Number.NEGATIVE_INFINITY;
  let waited = 0;
  const callback: Callback = {
    onTrainBegin() {
      [best, waited] = [Number.NEGATIVE_INFINITY, 0];
    },
    keep: () => ({ values: { best, waited } }),
    kept: v.object({ best: keptNumber, waited: keptCount }),
    onResume(_, stored) {
      [best, waited] = [Number(stored?.values.best), Number(stored?.values.waited)];
    },
  };
  return {
    /** Starts with the fit, and resumes with it. */
    callback,
    /** Restarts the count. */
    wait(): void {
      waited = 0;
    },
    /** Whether this epoch ends the patience. */
    stale(result: EpochResult): boolean {
      const value = sign * measureOf(result, monitor);
      if (value > best + minDelta) [best, waited] = [value, 0];
      else waited++;
      return waited >= patience;
    },
  };
}
