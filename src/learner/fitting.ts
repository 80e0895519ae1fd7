// Fitting: runs planned stretches on a learner's state, and leaves there the weights, the record and the average that come of it.

import { hashJson } from "../core/hash.ts";
import type { WorkOptions } from "../core/progress.ts";
import type { Parameters } from "../nn/scope.ts";
import { averageEpochs } from "./averaging.ts";
import { openCheckpoint } from "./checkpoint.ts";
import { type EpochResult, fitEpochs } from "./fit.ts";
import type { FitOptions } from "./fit-options.ts";
import { callbacksOf, planStretches, type Stretch } from "./fit-plan.ts";
import { warnOfIdle } from "./idle.ts";
import type { Leg } from "./leg.ts";
import { type Mixer, mixerOf } from "./mixing.ts";
import { betterBy } from "./monitor.ts";
import { recorder } from "./sched.ts";
import type { LearnerState } from "./state.ts";
import type { TrainerState } from "./trainer.ts";

/** Writes the model with `parameters` to a folder. */
export type SaveModel = (folder: string, parameters: Parameters) => Promise<void>;

/** Trains along `stretches`. Throws a UsageError for a plan that cannot be, before anything is computed. */
export async function runFit(
  state: LearnerState,
  options: FitOptions,
  stretches: readonly Stretch[],
  save: SaveModel,
): Promise<readonly EpochResult[]> {
  const { best = false, accumulate = 1, checkpoint, checkpointSeconds = 30 } = options;
  const work = state.work(options);
  state.calibration = undefined;
  const { groups } = state.network;
  const { planned, epochs } = planStretches(stretches, { ...options, ...work }, { groups, optimizer: state.optimizer, data: state.data });
  const { precompute, precomputeViews } = state;
  warnOfIdle({ precompute, precomputeViews, tfms: state.data.tfms, frozen: !state.trains(0) }, work);
  const { sched, callback } = recorder();
  const mix = mixerOf(options, (indices) => state.targets(indices), { seed: state.seed, onActivations: precompute && !state.trains(0) });
  const { data, bs } = planned.at(-1) as Planned;
  const averaging = options.useSwa ? averageEpochs(state, options, bs, work) : undefined;
  const result = await fitEpochs({
    ...work,
    parameters: state.parameters,
    legs: planned.map((leg) => (parameters, resume) => openLeg(state, leg, { parameters, resume, mix, options }, work)),
    epochs,
    accumulate,
    key: [state.epochs],
    callbacks: [callback, ...(averaging?.callbacks ?? []), ...callbacksOf(options, save)],
    isBetter: betterBy(options.monitor),
    checkpoint: checkpoint === undefined ? undefined : await openCheckpoint(checkpoint, nameOf(state, planned, options), checkpointSeconds),
    task: "Training",
  });
  if (data !== state.data) await state.useData(data);
  state.parameters = best ? result.best : result.last;
  state.epochs += result.epochs.length;
  state.history = [...state.history, ...result.epochs];
  state.sched = sched;
  if (averaging) [state.swa, state.swaResults] = [await averaging.parameters(), averaging.results];
  return result.epochs;
}

type Planned = ReturnType<typeof planStretches>["planned"][number];

/** Names a fit by what its steps depend on, so that no other goes on from its checkpoint. */
function nameOf(state: LearnerState, planned: readonly Planned[], { accumulate = 1, mixUp, cutMix, clip }: FitOptions): string {
  const { network, data, seed, trained, epochs, precompute, precomputeViews, bnFreeze } = state;
  const { labelSmoothing, classWeights, focal, crit, sampling, precision } = state.options;
  const options = {
    labelSmoothing,
    classWeights,
    focal,
    crit,
    clip: clip ?? state.options.clip,
    mixUp,
    cutMix,
    sampling,
    precision,
    precompute,
    precomputeViews,
    bnFreeze,
    accumulate,
    seed,
    epochs,
  };
  const items = [data.train, data.valid].map((part) => part.map(({ hash, label, labels, values }) => [hash, label, labels, values]));
  const legs = planned.map(({ optimizer, bs, plan }) => {
    const total = plan.phases.reduce((a, b) => a + b, 0);
    return [optimizer.name, bs, plan.phases, [0, Math.floor(total / 2), total - 1].map(plan.settings)];
  });
  return hashJson([network.architecture.name, network.head, [...trained], data.classes, items, data.tfms, options, legs]);
}

async function openLeg(
  state: LearnerState,
  { optimizer, data, bs, stepsPerEpoch, plan }: Planned,
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
