// Finds a learning rate for the layers that train now, with a separate trainer, so that the learner stays as it is.

import type { InputBatch } from "../frozen/batches.ts";
import { stepsPerEpoch, type TrainingPasses } from "../frozen/training-passes.ts";
import { perGroup } from "../schedules/group-values.ts";
import { exponentialRise, linearRise } from "../schedules/schedule.ts";
import type { LearnerState } from "../state/learner-state.ts";
import { type FinderLoopOptions, findLearningRate, type LrFinderResult } from "./finder.ts";
import type { Finder2Options, FinderOptions } from "./options.ts";
import { openValidationProbe } from "./validation-probe.ts";

/** The finder over one epoch's steps, at least 100. */
export function findRate(state: LearnerState, options: FinderOptions): Promise<LrFinderResult> {
  const steps = Math.max(100, stepsPerEpoch(state.data, options.bs ?? state.data.bs));
  return search(state, { steps, ...options, stopDv: true }, undefined);
}

/** The finder over a fixed number of steps, with measures of the next validation batch after each. */
export async function findRateOnValidation(state: LearnerState, options: Finder2Options): Promise<LrFinderResult> {
  const work = state.work(options);
  const { path, cut, data, session, task } = state;
  const network = await state.open();
  const { frozen } = network;
  const probe = await openValidationProbe({
    ...network,
    trains: (group) => cut.trains(group),
    prepare: state.prepare(frozen),
    session,
    batches: () => path.batches("valid", frozen, cut.precompute, work),
    items: data.valid,
    task,
  });
  try {
    return await search(state, { steps: 100, ...options }, (now) => probe.next(now));
  } finally {
    await probe.release();
  }
}

async function search(
  state: LearnerState,
  options: Finder2Options & { steps: number },
  measure: FinderLoopOptions["measure"],
): Promise<LrFinderResult> {
  const { startLr = 1e-5, endLr = 10, bs = state.data.bs, ratios = 1, linear = false, wds = 0, steps, stopDv } = options;
  const work = state.work(options);
  const { groups } = state.network;
  const network = await state.open();
  const passes = state.passes(network.frozen, bs, work);
  const trainer = state.trainer(network, { optimizer: state.optimizer });
  try {
    return await findLearningRate({
      ...work,
      trainer,
      batches: rounds(passes, Math.ceil(steps / stepsPerEpoch(state.data, bs))),
      steps,
      targets: (indices) => state.task.targets(passes.items(indices)),
      rate: linear ? linearRise(endLr, steps) : exponentialRise(startLr, endLr, steps),
      ratios: perGroup(ratios, groups, "ratios"),
      weightDecays: perGroup(wds, groups, "weight decays"),
      momentum: state.optimizer.momentum,
      measure,
      stopDv,
    });
  } finally {
    await trainer.release();
  }
}

async function* rounds(passes: TrainingPasses, count: number): AsyncGenerator<InputBatch> {
  for (let round = 0; round < count; round++) yield* passes.epoch(`finder ${round}`);
}
