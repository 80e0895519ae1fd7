// Fitting: runs planned stretches on a learner's state, and leaves there the weights, the record and the average that come of it.

import type { WorkOptions } from "../core/progress.ts";
import type { Parameters } from "../nn/scope.ts";
import { swa } from "./averages.ts";
import { type EpochResult, fitEpochs, type Leg } from "./fit.ts";
import type { FitOptions } from "./fit-options.ts";
import { callbacksOf, planStretches, type Stretch, warnOfIdleAugmentation } from "./fit-plan.ts";
import { recorder } from "./sched.ts";
import type { LearnerState } from "./state.ts";
import { refreshStatistics } from "./statistics.ts";

/** Writes the model with `parameters` to a folder. */
export type SaveModel = (folder: string, parameters: Parameters) => Promise<void>;

/** Trains along `stretches`. Throws a UsageError for a plan that cannot be, before anything is computed. */
export async function runFit(
  state: LearnerState,
  options: FitOptions,
  stretches: readonly Stretch[],
  save: SaveModel,
): Promise<readonly EpochResult[]> {
  const { best = false, useSwa = false, swaStart, accumulate = 1 } = options;
  const work = state.work(options);
  const { groups } = state.network;
  const { planned, epochs } = planStretches(stretches, { ...options, ...work }, { groups, optimizer: state.optimizer, data: state.data });
  if (state.precompute) warnOfIdleAugmentation(state.data, work);
  const { sched, callback } = recorder();
  const averaged = useSwa ? swa({ ...(swaStart !== undefined && { start: swaStart }) }) : undefined;
  const result = await fitEpochs({
    ...work,
    legs: planned.map((leg) => (parameters) => openLeg(state, leg, parameters, accumulate, work)),
    epochs,
    accumulate,
    key: [state.epochs],
    callbacks: [callback, ...(averaged ? [averaged] : []), ...callbacksOf(options, save)],
    task: "Training",
  });
  state.parameters = best ? result.best : result.last;
  state.epochs += result.epochs.length;
  state.sched = sched;
  if (averaged?.parameters) state.swa = await counted(state, averaged.parameters, planned.at(-1)?.bs as number, work);
  return result.epochs;
}

async function openLeg(
  state: LearnerState,
  { optimizer, data, bs, stepsPerEpoch, plan }: ReturnType<typeof planStretches>["planned"][number],
  parameters: Parameters | undefined,
  accumulate: number,
  work: WorkOptions,
): Promise<Leg> {
  if (parameters) state.parameters = parameters;
  if (data) await state.useData(data);
  const frozen = await state.frozen();
  return {
    ...plan,
    trainer: state.trainer(frozen, optimizer, accumulate > 1),
    batches: (epoch) => state.epochBatches(frozen, state.epochs + epoch, bs, work),
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
