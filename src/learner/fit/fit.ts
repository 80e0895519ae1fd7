// Fitting: runs planned stretches on a learner's state, and leaves there the weights, the record and the average that come of it.

import type { WorkOptions } from "../../core/progress.ts";
import type { Parameters } from "../../nn/scope.ts";
import { betterBy } from "../callbacks/monitor.ts";
import { recorder } from "../callbacks/recorder.ts";
import { type Mixer, mixerOf } from "../frozen/mixing.ts";
import { openCheckpoint } from "../loop/checkpoint.ts";
import { type EpochResult, fitEpochs } from "../loop/loop.ts";
import type { Leg } from "../loop/segment.ts";
import type { LearnerState } from "../state.ts";
import type { TrainerState } from "../step/trainer.ts";
import { averageEpochs } from "./averaging.ts";
import { nameFit } from "./fingerprint.ts";
import { warnOfIdle } from "./no-effect-warnings.ts";
import type { FitOptions } from "./options.ts";
import { callbacksOf, type PlannedStretch, planStretches, type Stretch } from "./plan.ts";

/** Writes the model with `parameters` to a folder. */
export type SaveModel = (folder: string, parameters: Parameters) => Promise<void>;

/**
 * Trains along `stretches`. Throws a UsageError for a plan that cannot be, before anything is computed. A fit that is cut short leaves the weights
 * and the data as they were, so that the same call goes on from its checkpoint.
 */
export async function runFit(
  state: LearnerState,
  options: FitOptions,
  stretches: readonly Stretch[],
  save: SaveModel,
): Promise<readonly EpochResult[]> {
  const { best = false, accumulate = 1, checkpoint, checkpointSeconds = 30 } = options;
  const work = state.work(options);
  const before = { parameters: state.parameters, data: state.data };
  state.calibration = undefined;
  const { groups } = state.network;
  const { planned, epochs } = planStretches(stretches, { ...options, ...work }, { groups, optimizer: state.optimizer, data: state.data });
  const { precompute, precomputeViews } = state;
  warnOfIdle({ precompute, precomputeViews, tfms: state.data.tfms, frozen: !state.trains(0) }, work);
  const { sched, callback } = recorder();
  const mix = mixerOf(options, (indices) => state.targets(indices), { seed: state.seed, onActivations: precompute && !state.trains(0) });
  const { data, bs } = planned.at(-1) as PlannedStretch;
  const averaging = options.useSwa ? averageEpochs(state, options, bs, work) : undefined;
  const result = await fitEpochs({
    ...work,
    parameters: before.parameters,
    legs: planned.map((leg) => (parameters, resume) => openLeg(state, leg, { parameters, resume, mix, options }, work)),
    epochs,
    accumulate,
    key: [state.epochs],
    callbacks: [callback, ...(averaging?.callbacks ?? []), ...callbacksOf(options, save)],
    isBetter: betterBy(options.monitor),
    checkpoint:
      checkpoint === undefined ? undefined : await openCheckpoint(checkpoint, nameFit(state, planned, options), checkpointSeconds),
    task: "Training",
  }).catch(async (error: unknown) => {
    state.parameters = before.parameters;
    if (state.data !== before.data) await state.useData(before.data);
    throw error;
  });
  if (data !== state.data) await state.useData(data);
  state.parameters = best ? result.best : result.last;
  state.epochs += result.epochs.length;
  state.history = [...state.history, ...result.epochs];
  state.sched = sched;
  if (averaging) [state.swa, state.swaResults] = [await averaging.parameters(), averaging.results];
  return result.epochs;
}

async function openLeg(
  state: LearnerState,
  { optimizer, data, bs, stepsPerEpoch, plan }: PlannedStretch,
  from: { parameters: Parameters; resume: TrainerState | undefined; mix: Mixer | undefined; options: FitOptions },
  work: WorkOptions,
): Promise<Leg> {
  const { parameters, resume, mix } = from;
  const { accumulate = 1, clip, metrics = state.metrics, validateSkip = 0 } = from.options;
  state.parameters = parameters;
  if (data !== state.data) await state.useData(data);
  const frozen = await state.frozen();
  return {
    ...plan,
    trainer: state.trainer(frozen, { optimizer, accumulate: accumulate > 1, clip, resume }),
    batches: (epoch, skip) => state.epochBatches(frozen, state.epochs + epoch, bs, work, { skip, mix }),
    stepsPerEpoch,
    images: state.data.train.length,
    targets: (indices) => state.targets(indices),
    async validate(values, epoch) {
      if (epoch < validateSkip) return { loss: Number.NaN, accuracy: Number.NaN };
      return state.taskWith(metrics).measure(state.data.valid, await state.validLogits(frozen, values, work));
    },
  };
}
