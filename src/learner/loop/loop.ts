// The training loop: legs of steps under a schedule, a validation after each epoch, events for callbacks, and the best weights kept aside.

import type { WorkOptions } from "../../core/progress.ts";
import type { Parameters } from "../../nn/scope.ts";
import type { InputBatch } from "../frozen/batches.ts";
import type { TrainerState } from "../step/trainer.ts";
import type { Validation } from "../task.ts";
import { type Callback, type EventName, tellAll } from "./callback.ts";
import type { CheckpointFile } from "./checkpoint.ts";
import type { EpochResult } from "./epoch-result.ts";
import { atStart, type FitProgress, FitView } from "./progress.ts";
import type { Leg } from "./segment.ts";
import { smoothed } from "./smoothing.ts";

export type { EpochResult } from "./epoch-result.ts";
export { isBetter } from "./epoch-result.ts";

export interface LoopOptions extends WorkOptions {
  /** Those that the fit begins with. */
  readonly parameters: Parameters;
  /** Opens each leg in turn, at `parameters`; `resume` is the state of its optimiser where it does not begin there. */
  readonly legs: readonly ((parameters: Parameters, resume: TrainerState | undefined) => Promise<Leg>)[];
  /** Epochs of all legs, the last of each counting whole. */
  readonly epochs: number;
  /** Batches whose gradients make one update; default 1. An epoch's last update may have fewer. */
  readonly accumulate?: number | undefined;
  /** Names the dropout masks' stream. */
  readonly key: readonly (string | number)[];
  readonly callbacks: readonly Callback[];
  /** Which of two epochs was better. */
  readonly isBetter: (a: EpochResult, b: EpochResult) => boolean;
  /** Where the fit is kept, and goes on from. */
  readonly checkpoint?: CheckpointFile | undefined;
  readonly task: string;
}

export interface LoopResult {
  readonly epochs: readonly EpochResult[];
  /** Copies of the parameters after the last epoch, and after the one with the best accuracy (ties: the lower validation loss). */
  readonly last: Parameters;
  readonly best: Parameters;
  readonly bestEpoch: EpochResult;
}

/**
 * Runs all legs, from the checkpoint on where there is one. An aborted signal throws between two steps; a callback that answers true ends the
 * fit after a last validation.
 */
export async function fitEpochs(options: LoopOptions): Promise<LoopResult> {
  const { legs, parameters, checkpoint } = options;
  const kept = checkpoint?.kept;
  const run = newRun(options);
  const { progress, view } = run;
  let last = kept ? over(parameters, kept.changed) : parameters;
  if (kept) for (const [i, callback] of options.callbacks.entries()) await callback.onResume?.(view, kept.callbacks[i]);
  let done = kept?.done ?? false;
  while (!done) {
    const leg = await legs[progress.leg]!(last, progress.step > 0 ? kept?.trainer : undefined);
    try {
      view.leg = leg;
      if (!kept && progress.leg === 0) await tell(run, "onTrainBegin");
      await runLeg(run, leg);
      last = leg.trainer.snapshot();
      Object.assign(progress, { leg: progress.leg + 1, step: 0, first: 0, ended: -1 });
      done = progress.stopped || progress.leg === legs.length;
      if (done) await tell(run, "onTrainEnd");
      await keep(run, done);
    } finally {
      await leg.trainer.release();
    }
  }
  const bestEpoch = progress.results[progress.best ?? -1];
  if (!view.best || !bestEpoch) throw new Error("A fit needs at least one epoch");
  return { epochs: progress.results, last, best: view.best, bestEpoch };
}

/** What changes while a fit runs. */
interface Run {
  readonly options: LoopOptions;
  readonly progress: FitProgress;
  readonly view: FitView;
  /** Whether all of this is of one moment: between two steps. */
  settled: boolean;
}

function newRun(options: LoopOptions): Run {
  const { checkpoint, epochs, parameters } = options;
  const progress = checkpoint?.kept ? structuredClone(checkpoint.kept.progress) : atStart();
  const view = new FitView(epochs, progress);
  if (checkpoint?.kept && progress.best !== undefined) view.best = over(parameters, checkpoint.kept.best);
  return { options, progress, view, settled: true };
}

async function runLeg(run: Run, leg: Leg): Promise<void> {
  const { progress, options } = run;
  const total = leg.phases.reduce((a, b) => a + b, 0);
  const ends = leg.phases.map((_, i) => leg.phases.slice(0, i + 1).reduce((a, b) => a + b, 0));
  const endPhase = async (): Promise<void> => {
    const { step } = progress;
    if (step === progress.ended || (!ends.includes(step) && !progress.stopped)) return;
    progress.ended = step;
    await tell(run, "onPhaseEnd");
    progress.phase++;
    if (step < total && !progress.stopped) await tell(run, "onPhaseBegin");
  };
  try {
    if (progress.step === 0) await tell(run, "onPhaseBegin");
    while (progress.step > progress.first || (progress.first < total && !progress.stopped))
      await runEpoch(run, leg, Math.min(total, progress.first + leg.stepsPerEpoch), endPhase);
  } catch (error) {
    if (options.signal?.aborted && run.settled) await keep(run);
    throw error;
  }
}

/** The batches of an epoch up to batch `end` of the leg, from where the leg is, and the validation. */
async function runEpoch(run: Run, leg: Leg, end: number, endPhase: () => Promise<void>): Promise<void> {
  const { progress, options } = run;
  const start = performance.now();
  const skip = progress.step - progress.first;
  let done = Math.round((leg.images * skip) / leg.stepsPerEpoch);
  if (progress.step < end && !progress.stopped) {
    for await (const batch of leg.batches(progress.results.length, skip)) {
      options.signal?.throwIfAborted();
      run.settled = false;
      await trainBatch(run, leg, batch, end);
      done += batch.indices.length;
      reportProgress(run, done, leg.images);
      if (progress.step < end && !progress.stopped) await endPhase();
      run.settled = true;
      if (options.checkpoint?.due()) await keep(run);
      if (progress.stopped || progress.step === end) break;
    }
  }
  const validation = await leg.validate(leg.trainer.parameters, progress.results.length);
  run.settled = false;
  await endEpoch(run, leg, validation, start);
  await endPhase();
  progress.first = progress.step;
  run.settled = true;
  if (options.checkpoint?.due()) await keep(run);
}

async function trainBatch(run: Run, leg: Leg, { input, indices, targets }: InputBatch, end: number): Promise<void> {
  const { options, progress, view } = run;
  const { accumulate = 1, key } = options;
  const { lrs, ...rest } = leg.settings(progress.step);
  const { lrScale } = progress;
  const place = progress.step + 1 - progress.first;
  const apply = progress.step + 1 === end || place % accumulate === 0;
  view.settings = { ...rest, lrs: lrScale === 1 ? lrs : lrs.map((lr) => lr * lrScale), apply };
  await tell(run, "onBatchBegin");
  const loss = await leg.trainer.step({ input, targets: targets ?? leg.targets(indices) }, view.settings, [...key, progress.steps]);
  progress.loss = smoothed(progress.smoothing, loss);
  progress.step++;
  progress.steps++;
  await tell(run, "onBatchEnd", progress.loss);
}

async function endEpoch(run: Run, leg: Leg, { loss, accuracy, metrics }: Validation, start: number): Promise<void> {
  const { progress, view } = run;
  const { results } = progress;
  const result = {
    epoch: results.length + 1,
    epochs: run.options.epochs,
    trainLoss: progress.loss,
    validLoss: loss,
    accuracy,
    ...(metrics && { metrics }),
    seconds: (performance.now() - start) / 1000,
  };
  const before = results[progress.best ?? -1];
  if (!before || run.options.isBetter(result, before)) {
    view.best = leg.trainer.snapshot();
    progress.best = results.length;
  }
  results.push(result);
  await tell(run, "onEpochEnd", result);
}

/** Writes the checkpoint, where there is one. */
async function keep({ options, progress, view }: Run, done = false): Promise<void> {
  const { checkpoint, parameters, callbacks } = options;
  if (!checkpoint) return;
  const changed = (now: Parameters): Parameters => new Map([...now].filter(([name, value]) => value !== parameters.get(name)));
  const { trainer } = view.leg;
  await checkpoint.write({
    progress,
    done,
    changed: changed(trainer.parameters),
    best: view.best ? changed(view.best) : new Map(),
    // A fit that is over needs no optimiser any more.
    trainer: done ? { steps: 0, tensors: new Map() } : trainer.state,
    callbacks: callbacks.map((callback) => callback.keep?.()),
  });
}

/** `parameters` with those of `changed` in their places. */
function over(parameters: Parameters, changed: Parameters): Parameters {
  return new Map([...parameters].map(([name, value]) => [name, changed.get(name) ?? value]));
}

function reportProgress({ options, progress }: Run, done: number, total: number): void {
  const task = `${options.task}, epoch ${progress.results.length + 1} of ${options.epochs}`;
  options.onProgress?.({ task, done, total, unit: "images", loss: progress.loss });
}

async function tell({ options, progress, view }: Run, event: EventName, detail?: number | EpochResult): Promise<void> {
  if (await tellAll(options.callbacks, event, view, detail)) progress.stopped = true;
}
