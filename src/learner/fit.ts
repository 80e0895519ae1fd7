// The training loop: epochs of steps under a schedule, a validation after each, and the best weights kept aside.

import type { WorkOptions } from "../core/progress.ts";
import type { Tensor } from "../core/tensor.ts";
import type { Parameters } from "../nn/scope.ts";
import type { InputBatch } from "./batches.ts";
import type { Schedule } from "./schedule.ts";
import { smoother } from "./smoothing.ts";
import type { Metrics, Validation } from "./task.ts";
import type { Trainer } from "./trainer.ts";

export interface EpochResult {
  /** From 1. */
  readonly epoch: number;
  readonly epochs: number;
  /** Exponential average of the training loss (β 0.98, bias-corrected), over the whole fit. */
  readonly trainLoss: number;
  readonly validLoss: number;
  /** In [0, 1]: the share of images whose class is right, or of labels; NaN where the targets are numbers. */
  readonly accuracy: number;
  /** All measures, where the accuracy is not the only one: "accuracy", "f1" and "f2" of labels, or "rmse", "mae" and "r2" of numbers. */
  readonly metrics?: Metrics;
  /** Time of its steps and its validation. */
  readonly seconds: number;
}

export interface LoopOptions extends WorkOptions {
  readonly trainer: Trainer;
  /** The batches of epoch `epoch` (from 0) of this fit. */
  readonly batches: (epoch: number) => AsyncIterable<InputBatch>;
  /** Images of one epoch. */
  readonly images: number;
  /** Targets of the items at `indices`, as the trainer takes them. */
  readonly targets: (indices: readonly number[]) => Tensor<"float32">;
  /** Epochs of each cycle. */
  readonly cycles: readonly number[];
  readonly schedule: Schedule;
  /** One per layer group. */
  readonly lrs: readonly number[];
  readonly weightDecays: readonly number[];
  readonly momentum: number;
  /** Names the dropout masks' stream. */
  readonly key: readonly (string | number)[];
  readonly validate: (parameters: Parameters) => Promise<Validation>;
  readonly onEpoch?: ((result: EpochResult) => void) | undefined;
  /** Asked at the end of each cycle; true ends the fit. */
  readonly stopAfterCycle?: ((results: readonly EpochResult[]) => boolean) | undefined;
  readonly task: string;
}

export interface LoopResult {
  readonly epochs: readonly EpochResult[];
  /** Copies of the parameters after the last epoch, and after the one with the best accuracy (ties: the lower validation loss). */
  readonly last: Parameters;
  readonly best: Parameters;
  readonly bestEpoch: EpochResult;
}

/** Runs the epochs of all cycles. An aborted signal throws between two steps. */
export async function fitEpochs(options: LoopOptions): Promise<LoopResult> {
  const { trainer, cycles, validate, stopAfterCycle } = options;
  const total = cycles.reduce((a, b) => a + b);
  const smooth = smoother();
  const results: EpochResult[] = [];
  let best: { parameters: Parameters; result: EpochResult } | undefined;
  let step = 0;
  for (const length of cycles) {
    for (let i = 0; i < length; i++) {
      const epoch = results.length;
      const start = performance.now();
      const trained = await trainEpoch(options, epoch, total, step, smooth);
      step = trained.step;
      const { loss, accuracy, metrics } = await validate(trainer.parameters);
      const result = {
        epoch: epoch + 1,
        epochs: total,
        trainLoss: trained.loss,
        validLoss: loss,
        accuracy,
        ...(metrics && { metrics }),
        seconds: (performance.now() - start) / 1000,
      };
      results.push(result);
      options.onEpoch?.(result);
      if (!best || isBetter(result, best.result)) best = { parameters: trainer.snapshot(), result };
    }
    if (stopAfterCycle?.(results)) break;
  }
  if (!best) throw new Error("A fit needs at least one epoch");
  return { epochs: results, last: trainer.snapshot(), best: best.parameters, bestEpoch: best.result };
}

/** fastai's rule for the best epoch: higher accuracy where there is one, then lower validation loss. Any loss is better than NaN. */
export function isBetter(a: Pick<EpochResult, "accuracy" | "validLoss">, b: Pick<EpochResult, "accuracy" | "validLoss">): boolean {
  if (Number.isNaN(a.validLoss) || Number.isNaN(b.validLoss)) return !Number.isNaN(a.validLoss);
  return a.accuracy > b.accuracy || (!(a.accuracy < b.accuracy) && a.validLoss < b.validLoss);
}

async function trainEpoch(
  options: LoopOptions,
  epoch: number,
  epochs: number,
  start: number,
  smooth: (loss: number) => number,
): Promise<{ step: number; loss: number }> {
  const { trainer, schedule, lrs, weightDecays, momentum, images, onProgress } = options;
  const task = `${options.task}, epoch ${epoch + 1} of ${epochs}`;
  let [step, done, loss] = [start, 0, Number.NaN];
  for await (const { input, indices } of options.batches(epoch)) {
    options.signal?.throwIfAborted();
    const factor = schedule(step);
    const settings = { lrs: lrs.map((lr) => lr * factor), momentums: lrs.map(() => momentum), weightDecays };
    const targets = options.targets(indices);
    loss = smooth(await trainer.step({ input, targets }, settings, [...options.key, step]));
    step++;
    done += indices.length;
    onProgress?.({ task, done, total: images, unit: "images" });
  }
  return { step, loss };
}
