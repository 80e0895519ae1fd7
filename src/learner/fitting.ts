// Fitting: runs planned stretches on a learner's state, and leaves there the weights, the record and the average that come of it.

import { hashJson } from "../core/hash.ts";
import type { WorkOptions } from "../core/progress.ts";
import type { Parameters } from "../nn/scope.ts";
import { swa } from "./averages.ts";
import { openCheckpoint } from "./checkpoint.ts";
import { type EpochResult, fitEpochs } from "./fit.ts";
import type { FitOptions } from "./fit-options.ts";
import { callbacksOf, planStretches, type Stretch } from "./fit-plan.ts";
import { warnOfIdle } from "./idle.ts";
import type { Leg } from "./leg.ts";
import { recorder } from "./sched.ts";
import type { LearnerState } from "./state.ts";
import { refreshStatistics } from "./statistics.ts";
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
  const { best = false, useSwa = false, swaStart, accumulate = 1, checkpoint, checkpointSeconds = 30 } = options;
  const work = state.work(options);
  const { groups } = state.network;
  const { planned, epochs } = planStretches(stretches, { ...options, ...work }, { groups, optimizer: state.optimizer, data: state.data });
  const { precompute, precomputeViews } = state;
  warnOfIdle({ precompute, precomputeViews, tfms: state.data.tfms, frozen: !state.trains(0) }, work);
  const { sched, callback } = recorder();
  const averaged = useSwa ? swa({ ...(swaStart !== undefined && { start: swaStart }) }) : undefined;
  const result = await fitEpochs({
    ...work,
    parameters: state.parameters,
    legs: planned.map((leg) => (parameters, resume) => openLeg(state, leg, { parameters, resume, accumulate: accumulate > 1 }, work)),
    epochs,
    accumulate,
    key: [state.epochs],
    callbacks: [callback, ...(averaged ? [averaged] : []), ...callbacksOf(options, save)],
    checkpoint:
      checkpoint === undefined ? undefined : await openCheckpoint(checkpoint, nameOf(state, planned, accumulate), checkpointSeconds),
    task: "Training",
  });
  const { data, bs } = planned.at(-1) as Planned;
  if (data !== state.data) await state.useData(data);
  state.parameters = best ? result.best : result.last;
  state.epochs += result.epochs.length;
  state.sched = sched;
  if (averaged?.parameters) state.swa = await counted(state, averaged.parameters, bs, work);
  return result.epochs;
}

type Planned = ReturnType<typeof planStretches>["planned"][number];

/** Names a fit by what its steps depend on, so that no other goes on from its checkpoint. */
function nameOf(state: LearnerState, planned: readonly Planned[], accumulate: number): string {
  const { network, data, seed, trained, epochs, precompute, precomputeViews, bnFreeze } = state;
  const { labelSmoothing, classWeights, focal, crit, clip, sampling, precision } = state.options;
  const options = {
    labelSmoothing,
    classWeights,
    focal,
    crit,
    clip,
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
  { parameters, resume, accumulate }: { parameters: Parameters; resume: TrainerState | undefined; accumulate: boolean },
  work: WorkOptions,
): Promise<Leg> {
  state.parameters = parameters;
  if (data !== state.data) await state.useData(data);
  const frozen = await state.frozen();
  return {
    ...plan,
    trainer: state.trainer(frozen, optimizer, accumulate, resume),
    batches: (epoch, skip) => state.epochBatches(frozen, state.epochs + epoch, bs, work, skip),
    stepsPerEpoch,
    images: state.data.train.length,
    targets: (indices) => state.targets(indices),
    validate: async (values) => state.task.measure(state.data.valid, await state.validLogits(frozen, values, work)),
  };
}

/** `parameters` with batch norm's statistics counted anew on the training images. */
async function counted(state: LearnerState, parameters: Parameters, bs: number, work: WorkOptions): Promise<Parameters> {
  const frozen = await state.frozen();
  return refreshStatistics({
    stages: state.trainedStages,
    parameters,
    counts: (group) => state.trains(group) && !state.bnFreeze,
    prepare: state.prepare(frozen),
    batches: state.epochBatches(frozen, "swa", bs, work),
    session: state.session,
    signal: work.signal,
  });
}
