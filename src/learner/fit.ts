// The training loop: legs of steps under a schedule, a validation after each epoch, events for callbacks, and the best weights kept aside.
// A leg is what one trainer does; a fit has one, and one more for each phase with another optimiser or other data.

import type { WorkOptions } from "../core/progress.ts";
import type { Tensor } from "../core/tensor.ts";
import type { Parameters } from "../nn/scope.ts";
import type { InputBatch } from "./batches.ts";
import { type Callback, type EventName, type FitState, tellAll } from "./callbacks.ts";
import { type EpochResult, isBetter } from "./epoch-result.ts";
import { smoother } from "./smoothing.ts";
import type { Validation } from "./task.ts";
import type { StepSettings, Trainer } from "./trainer.ts";

export type { EpochResult } from "./epoch-result.ts";
export { isBetter } from "./epoch-result.ts";

export interface Leg {
  readonly trainer: Trainer;
  /** The batches of epoch `epoch` (from 0) of the fit. */
  readonly batches: (epoch: number) => AsyncIterable<InputBatch>;
  readonly stepsPerEpoch: number;
  /** Images of one epoch. */
  readonly images: number;
  /** Targets of the items at `indices`, as the trainer takes them. */
  readonly targets: (indices: readonly number[]) => Tensor<"float32">;
  /** Batches of each of its phases (of a fit: its cycles); the last epoch is cut short where they end within it. */
  readonly phases: readonly number[];
  /** Rates, momenta and decays at batch `step` (from 0) of the leg. */
  readonly settings: (step: number) => StepSettings;
  readonly validate: (parameters: Parameters) => Promise<Validation>;
}

export interface LoopOptions extends WorkOptions {
  /** Opens each leg in turn; `parameters` are those that the leg before it ended with. */
  readonly legs: readonly ((parameters: Parameters | undefined) => Promise<Leg>)[];
  /** Epochs of all legs, the last of each counting whole. */
  readonly epochs: number;
  /** Batches whose gradients make one update; default 1. An epoch's last update may have fewer. */
  readonly accumulate?: number | undefined;
  /** Names the dropout masks' stream. */
  readonly key: readonly (string | number)[];
  readonly callbacks: readonly Callback[];
  readonly task: string;
}

export interface LoopResult {
  readonly epochs: readonly EpochResult[];
  /** Copies of the parameters after the last epoch, and after the one with the best accuracy (ties: the lower validation loss). */
  readonly last: Parameters;
  readonly best: Parameters;
  readonly bestEpoch: EpochResult;
}

/** Runs all legs. An aborted signal throws between two steps; a callback that answers true ends the fit after a last validation. */
export async function fitEpochs(options: LoopOptions): Promise<LoopResult> {
  const run = newRun(options);
  let last: Parameters | undefined;
  for (const open of options.legs) {
    const leg = await open(last);
    try {
      run.leg = leg;
      if (!last) await tell(run, "onTrainBegin");
      await runLeg(run, leg);
      last = leg.trainer.snapshot();
      if (run.stopped || open === options.legs.at(-1)) await tell(run, "onTrainEnd");
    } finally {
      await leg.trainer.release();
    }
    if (run.stopped) break;
  }
  if (!last || !run.best) throw new Error("A fit needs at least one epoch");
  return { epochs: run.results, last, best: run.best.parameters, bestEpoch: run.best.result };
}

/** What changes while a fit runs. */
interface Run {
  readonly options: LoopOptions;
  readonly state: FitState;
  readonly results: EpochResult[];
  readonly smooth: (loss: number) => number;
  leg: Leg | undefined;
  stopped: boolean;
  /** Batches and phases of the whole fit so far. */
  step: number;
  phase: number;
  loss: number;
  settings: StepSettings | undefined;
  best: { parameters: Parameters; result: EpochResult } | undefined;
}

function newRun(options: LoopOptions): Run {
  const legOf = (): Leg => {
    if (!run.leg) throw new Error("The fit has not begun");
    return run.leg;
  };
  const state: FitState = {
    epochs: options.epochs,
    lrScale: 1,
    get epoch() {
      return run.results.length + 1;
    },
    get step() {
      return run.step;
    },
    get phase() {
      return run.phase;
    },
    get loss() {
      return run.loss;
    },
    get settings() {
      return run.settings;
    },
    get results() {
      return run.results;
    },
    get parameters() {
      return legOf().trainer.parameters;
    },
    snapshot: () => legOf().trainer.snapshot(),
  };
  const run: Run = {
    options,
    state,
    results: [],
    smooth: smoother(),
    leg: undefined,
    stopped: false,
    step: 0,
    phase: 0,
    loss: Number.NaN,
    settings: undefined,
    best: undefined,
  };
  return run;
}

async function runLeg(run: Run, leg: Leg): Promise<void> {
  const total = leg.phases.reduce((a, b) => a + b, 0);
  const ends = leg.phases.map((_, i) => leg.phases.slice(0, i + 1).reduce((a, b) => a + b, 0));
  let ended = -1;
  const endPhase = async (step: number): Promise<void> => {
    if (step === ended || (!ends.includes(step) && !run.stopped)) return;
    ended = step;
    await tell(run, "onPhaseEnd");
    run.phase++;
    if (step < total && !run.stopped) await tell(run, "onPhaseBegin");
  };
  await tell(run, "onPhaseBegin");
  for (let step = 0; step < total && !run.stopped; ) {
    const start = performance.now();
    const [first, end] = [step, Math.min(total, step + leg.stepsPerEpoch)];
    let done = 0;
    for await (const batch of leg.batches(run.results.length)) {
      run.options.signal?.throwIfAborted();
      await trainBatch(run, leg, batch, step, step + 1 - first, step + 1 === end);
      step++;
      done += batch.indices.length;
      reportProgress(run, done, leg.images);
      if (run.stopped || step === end) break;
      await endPhase(step);
      if (run.stopped) break;
    }
    await endEpoch(run, leg, start);
    await endPhase(step);
  }
}

async function trainBatch(run: Run, leg: Leg, { input, indices }: InputBatch, step: number, place: number, last: boolean): Promise<void> {
  const { accumulate = 1, key } = run.options;
  const { lrs, ...rest } = leg.settings(step);
  const { lrScale } = run.state;
  const apply = last || place % accumulate === 0;
  run.settings = { ...rest, lrs: lrScale === 1 ? lrs : lrs.map((lr) => lr * lrScale), apply };
  await tell(run, "onBatchBegin");
  const loss = await leg.trainer.step({ input, targets: leg.targets(indices) }, run.settings, [...key, run.step]);
  run.loss = run.smooth(loss);
  run.step++;
  await tell(run, "onBatchEnd", run.loss);
}

async function endEpoch(run: Run, leg: Leg, start: number): Promise<void> {
  const { loss, accuracy, metrics } = await leg.validate(leg.trainer.parameters);
  const result = {
    epoch: run.results.length + 1,
    epochs: run.options.epochs,
    trainLoss: run.loss,
    validLoss: loss,
    accuracy,
    ...(metrics && { metrics }),
    seconds: (performance.now() - start) / 1000,
  };
  run.results.push(result);
  if (!run.best || isBetter(result, run.best.result)) run.best = { parameters: leg.trainer.snapshot(), result };
  await tell(run, "onEpochEnd", result);
}

function reportProgress({ options, results }: Run, done: number, total: number): void {
  const task = `${options.task}, epoch ${results.length + 1} of ${options.epochs}`;
  options.onProgress?.({ task, done, total, unit: "images" });
}

async function tell(run: Run, event: EventName, detail?: number | EpochResult): Promise<void> {
  if (await tellAll(run.options.callbacks, event, run.state, detail)) run.stopped = true;
}
