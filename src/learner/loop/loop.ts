// The training loop: the steps of a segment under its plan, a validation after each epoch, events for callbacks, and the best weights set aside.

import * as v from "valibot";
import type { WorkOptions } from "../../core/progress.ts";
import type { Parameters } from "../../nn/scope.ts";
import { type InputBatch, ofOneSize } from "../frozen/batches.ts";
import type { StepSettings, TrainerState } from "../step/trainer.ts";
import type { Validation } from "../task/task.ts";
import { type Callback, type EventName, tellAll } from "./callback.ts";
import type { CheckpointFile, FitCheckpoint } from "./checkpoint.ts";
import type { EpochResult, IsBetter } from "./epoch-result.ts";
import { type FitProgress, initialProgress, RunningFit } from "./progress.ts";
import { epochBatches, type Segment, validate } from "./segment.ts";
import { smoothed } from "./smoothing.ts";

export type { EpochResult } from "./epoch-result.ts";
export { type IsBetter, isBetter } from "./epoch-result.ts";

export interface LoopOptions extends WorkOptions {
  /** Those that the fit begins with. */
  readonly parameters: Parameters;
  /** Number of segments. */
  readonly segments: number;
  /** Epochs of all segments, the last of each counting whole. */
  readonly epochs: number;
  /** Batches whose gradients make one update; default 1. An epoch's last update may have fewer. */
  readonly accumulate?: number | undefined;
  /** Names the dropout masks' stream. */
  readonly key: readonly (string | number)[];
  readonly callbacks: readonly Callback[];
  /** Which of two epochs was better. */
  readonly isBetter: IsBetter;
  /** The file that stores the fit and that it resumes from. */
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

/** A fit between two of its segments: what it takes to open the next one. */
export interface NextSegment {
  readonly index: number;
  readonly parameters: Parameters;
  /** The optimiser's state if the segment is resumed. */
  readonly resume: TrainerState | undefined;
}

/** The state of a running fit. */
export interface FitRun {
  readonly options: LoopOptions;
  readonly progress: FitProgress;
  readonly fit: RunningFit;
  /** The parameters after the last segment. */
  parameters: Parameters;
  /** Whether the state is consistent: between two steps. */
  settled: boolean;
  done: boolean;
}

/** Begins a fit, or resumes it from its checkpoint. */
export async function beginRun(options: LoopOptions): Promise<FitRun> {
  const { checkpoint, epochs, parameters } = options;
  const stored = checkpoint?.stored;
  const progress = stored ? structuredClone(stored.progress) : initialProgress();
  const fit = new RunningFit(epochs, progress);
  const run = { options, progress, fit, parameters, settled: true, done: stored?.done ?? false };
  if (!checkpoint || !stored) return run;
  checkStored(stored, options, checkpoint.refuse);
  if (progress.best !== undefined) fit.best = over(parameters, stored.best);
  for (const [i, callback] of options.callbacks.entries()) await callback.onResume?.(fit, stored.callbacks[i]);
  return { ...run, parameters: over(parameters, stored.changed) };
}

/** Throws what `refuse` makes of a reason if the checkpoint has parameters that the network lacks, or a callback's state is not what it keeps. */
function checkStored({ changed, best, callbacks }: FitCheckpoint, options: LoopOptions, refuse: CheckpointFile["refuse"]): void {
  for (const [name, { shape }] of [...changed, ...best]) {
    const own = options.parameters.get(name)?.shape;
    if (own?.join() !== shape.join())
      throw refuse(`its parameter "${name}" is [${shape}], that of the network ${own ? `[${own}]` : "is missing"}`);
  }
  for (const [i, { kept }] of options.callbacks.entries()) {
    const state = callbacks[i];
    if (!kept || !state) continue;
    const checked = v.safeParse(kept, state.values);
    if (!checked.success)
      throw refuse(`the state of its callback ${i + 1}: ${v.getDotPath(checked.issues[0]) ?? "all of it"}: ${checked.issues[0].message}`);
    for (const [name, { shape }] of state.tensors ?? []) {
      const own = options.parameters.get(name)?.shape;
      if (own?.join() !== shape.join())
        throw refuse(`its callback ${i + 1} keeps "${name}" as [${shape}], and the network has ${own ? `[${own}]` : "no such parameter"}`);
    }
  }
}

/** The segment to run next; undefined after the last. */
export function nextSegment({ options, progress, parameters, done }: FitRun): NextSegment | undefined {
  if (done) return undefined;
  return { index: progress.segment, parameters, resume: progress.step > 0 ? options.checkpoint?.stored?.trainer : undefined };
}

/**
 * Runs `segment`, from the checkpoint on if there is one. An aborted signal throws between two steps; a callback that answers true ends the
 * fit after a last validation.
 */
export async function runSegment(run: FitRun, segment: Segment): Promise<void> {
  const { options, progress, fit } = run;
  fit.segment = segment;
  if (!options.checkpoint?.stored && progress.segment === 0) await tell(run, "onTrainBegin");
  await runEpochs(run, segment);
  run.parameters = await segment.trainer.snapshot();
  Object.assign(progress, { segment: progress.segment + 1, step: 0, first: 0, ended: -1 });
  run.done = progress.stopped || progress.segment === options.segments;
  if (run.done) await tell(run, "onTrainEnd");
  await keep(run);
}

/** The result of a fit after its last segment. */
export function resultOf({ progress, fit, parameters }: FitRun): LoopResult {
  const bestEpoch = progress.results[progress.best ?? -1];
  if (!fit.best || !bestEpoch) throw new Error("A fit needs at least one epoch");
  return { epochs: progress.results, last: parameters, best: fit.best, bestEpoch };
}

async function runEpochs(run: FitRun, segment: Segment): Promise<void> {
  const { progress, options } = run;
  const { phases } = segment.plan;
  const total = phases.reduce((a, b) => a + b, 0);
  const ends = phases.map((_, i) => phases.slice(0, i + 1).reduce((a, b) => a + b, 0));
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
      await runEpoch(run, segment, Math.min(total, progress.first + segment.stepsPerEpoch), endPhase);
  } catch (error) {
    if (options.signal?.aborted && run.settled) await keep(run);
    throw error;
  }
}

/** The batches of an epoch up to batch `end` of the segment, from where the segment stands, and the validation. */
async function runEpoch(run: FitRun, segment: Segment, end: number, endPhase: () => Promise<void>): Promise<void> {
  const { progress, options } = run;
  const start = performance.now();
  const skip = progress.step - progress.first;
  const { images } = segment.passes;
  let done = Math.round((images * skip) / segment.stepsPerEpoch);
  if (progress.step < end && !progress.stopped) {
    const batches = epochBatches(segment, progress.results.length, skip);
    for await (const some of ofOneSize(batches, (first) => mostTogether(run, segment, first, end))) {
      options.signal?.throwIfAborted();
      run.settled = false;
      await trainBatches(run, segment, some, end);
      done += some.reduce((sum, { indices }) => sum + indices.length, 0);
      reportProgress(run, done, images);
      if (progress.step < end && !progress.stopped) await endPhase();
      run.settled = true;
      if (options.checkpoint?.due()) await keep(run);
      if (progress.stopped || progress.step === end) break;
    }
  }
  const validation = await validate(segment, await segment.trainer.parameters(), progress.results.length);
  run.settled = false;
  await endEpoch(run, segment, validation, start);
  await endPhase();
  progress.first = progress.step;
  run.settled = true;
  if (options.checkpoint?.due()) await keep(run);
}

/** Batches of a segment from which on it is worth a session of its own to train several at a time: it opens in 0.1 to 0.2 s and saves 1 to 3 ms of each. */
const MANY = 128;

/** Batches that may be trained before the callbacks hear of them, beginning with `first`: all in one phase, and none after batch `end`. */
async function mostTogether(
  { options, progress }: FitRun,
  { plan, passes, trainer }: Segment,
  first: InputBatch,
  end: number,
): Promise<number> {
  const each = options.callbacks.some(({ onBatchBegin, onBatchEnd, batchesTogether }) => onBatchBegin || (onBatchEnd && !batchesTogether));
  if (each || !passes.cached || plan.phases.reduce((a, b) => a + b, 0) < MANY) return 1;
  let phaseEnd = 0;
  for (const batches of plan.phases) if (phaseEnd <= progress.step) phaseEnd += batches;
  return Math.min(await trainer.together(first.indices.length), end - progress.step, phaseEnd - progress.step);
}

async function trainBatches(run: FitRun, segment: Segment, batches: readonly InputBatch[], end: number): Promise<void> {
  const { options, progress, fit } = run;
  const settings = batches.map((_, i) => settingsOf(run, segment, progress.step + i, end));
  fit.settings = settings[0];
  await tell(run, "onBatchBegin");
  const losses = await segment.trainer.steps(
    batches.map(({ input, indices, targets }, i) => ({
      batch: { input, targets: targets ?? segment.task.targets(segment.passes.items(indices)) },
      settings: settings[i] as StepSettings,
      key: [...options.key, progress.steps + i],
    })),
  );
  for (const [i, loss] of losses.entries()) {
    fit.settings = settings[i];
    progress.loss = smoothed(progress.smoothing, loss);
    progress.step++;
    progress.steps++;
    await tell(run, "onBatchEnd", progress.loss);
  }
}

/** The settings of batch `step` of the segment, whose epoch ends with batch `end`. */
function settingsOf({ options, progress }: FitRun, { plan }: Segment, step: number, end: number): StepSettings {
  const { accumulate = 1 } = options;
  const { lrs, ...rest } = plan.settings(step);
  const { lrScale } = progress;
  const place = step + 1 - progress.first;
  const apply = step + 1 === end || place % accumulate === 0;
  return { ...rest, lrs: lrScale === 1 ? lrs : lrs.map((lr) => lr * lrScale), apply };
}

async function endEpoch(run: FitRun, segment: Segment, { loss, accuracy, metrics }: Validation, start: number): Promise<void> {
  const { progress, fit } = run;
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
    fit.best = await segment.trainer.snapshot();
    progress.best = results.length;
  }
  results.push(result);
  await tell(run, "onEpochEnd", result);
}

/** Writes the checkpoint, if there is one. */
async function keep({ options, progress, fit, done }: FitRun): Promise<void> {
  const { checkpoint, parameters, callbacks } = options;
  if (!checkpoint) return;
  const changed = (now: Parameters): Parameters => new Map([...now].filter(([name, value]) => value !== parameters.get(name)));
  const { trainer } = fit.segment;
  await checkpoint.write({
    progress,
    done,
    changed: changed(await trainer.parameters()),
    best: fit.best ? changed(fit.best) : new Map(),
    // A fit that is over no longer needs its optimiser.
    trainer: done ? { steps: 0, tensors: new Map() } : await trainer.state(),
    callbacks: callbacks.map((callback) => callback.keep?.()),
  });
}

/** `parameters` with those of `changed` in their place. */
function over(parameters: Parameters, changed: Parameters): Parameters {
  return new Map([...parameters].map(([name, value]) => [name, changed.get(name) ?? value]));
}

function reportProgress({ options, progress, fit }: FitRun, done: number, total: number): void {
  const task = `${options.task}, epoch ${progress.results.length + 1} of ${options.epochs}`;
  const lr = fit.settings?.lrs.at(-1);
  options.onProgress?.({ task, done, total, unit: "images", loss: progress.loss, ...(lr !== undefined && { lr }) });
}

async function tell({ options, progress, fit }: FitRun, event: EventName, detail?: number | EpochResult): Promise<void> {
  if (await tellAll(options.callbacks, event, fit, detail)) progress.stopped = true;
}
