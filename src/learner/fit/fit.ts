// Fitting: plans the segments, runs them one after another, and stores the outcome in the learner's state.

import type { WorkOptions } from "../../core/progress.ts";
import { storedFileOf } from "../../core/store/store-of.ts";
import { betterBy } from "../callbacks/monitor.ts";
import { recorder } from "../callbacks/recorder.ts";
import { type Mixer, mixerOf } from "../frozen/mixing.ts";
import { openCheckpoint } from "../loop/checkpoint.ts";
import {
  beginRun,
  type EpochResult,
  type LoopOptions,
  type LoopResult,
  type NextSegment,
  nextSegment,
  resultOf,
  runSegment,
} from "../loop/loop.ts";
import type { Segment } from "../loop/segment.ts";
import { checkSavable, saveLearner } from "../models/save-learner.ts";
import type { LearnerState } from "../state/learner-state.ts";
import { averageEpochs } from "./averaging.ts";
import { fitFingerprint } from "./fingerprint.ts";
import { warnOfNoEffect } from "./no-effect-warnings.ts";
import type { FitOptions } from "./options.ts";
import { callbacksOf, type PlannedSegment, planSegments, type SegmentRequest } from "./plan.ts";

/**
 * Trains along `requests`. Throws a UsageError for a plan that is not possible, before anything is computed. A fit that is cut short leaves the
 * weights and the data as they were, so that the same call resumes from its checkpoint.
 */
export async function runFit(
  state: LearnerState,
  options: FitOptions,
  requests: readonly SegmentRequest[],
): Promise<readonly EpochResult[]> {
  const { best = false, accumulate = 1, checkpoint, checkpointSeconds = 30 } = options;
  checkSavable(state);
  const work = state.work(options);
  const { network, optimizer, cut, weights, history } = state;
  weights.calibration = undefined;
  const { segments, epochs } = planSegments(requests, { ...options, ...work }, { groups: network.groups, optimizer, data: state.data });
  const { precompute, precomputeViews } = cut;
  const frozen = !cut.trains(0);
  warnOfNoEffect({ precompute, precomputeViews, tfms: state.data.tfms, frozen }, work);
  const { sched, callback } = recorder();
  const { data, bs } = segments.at(-1) as PlannedSegment;
  const averaging = options.useSwa ? averageEpochs(state, options, bs, work) : undefined;
  const result = await runSegments(state, segments, options, work, {
    ...work,
    parameters: weights.parameters,
    segments: segments.length,
    epochs,
    accumulate,
    key: [history.epochs],
    callbacks: [
      callback,
      ...(averaging?.callbacks ?? []),
      ...callbacksOf(options, (place, parameters) => saveLearner(state, place, {}, parameters)),
    ],
    isBetter: betterBy(options.monitor),
    checkpoint:
      checkpoint === undefined
        ? undefined
        : await openCheckpoint(storedFileOf(checkpoint), fitFingerprint(state, segments, options), checkpointSeconds),
    task: "Training",
  });
  if (data !== state.data) await state.useData(data);
  weights.parameters = best ? result.best : result.last;
  history.add(result.epochs, sched);
  if (averaging) history.average = { parameters: await averaging.parameters(), results: averaging.results };
  return result.epochs;
}

async function runSegments(
  state: LearnerState,
  segments: readonly PlannedSegment[],
  options: FitOptions,
  work: WorkOptions,
  loop: LoopOptions,
): Promise<LoopResult> {
  const { data, weights, seed, cut } = state;
  const mix = mixerOf(options, (indices) => state.task.targets(indices.map((i) => state.data.train[i]!)), {
    seed,
    onActivations: cut.precompute && !cut.trains(0),
  });
  try {
    const run = await beginRun(loop);
    for (let next = nextSegment(run); next; next = nextSegment(run)) {
      const segment = await openSegment(state, segments[next.index] as PlannedSegment, next, { ...options, mix }, work);
      try {
        await runSegment(run, segment);
      } finally {
        await segment.trainer.release();
      }
    }
    return resultOf(run);
  } catch (error) {
    weights.parameters = loop.parameters;
    if (state.data !== data) await state.useData(data);
    throw error;
  }
}

async function openSegment(
  state: LearnerState,
  { optimizer, data, bs, stepsPerEpoch, plan }: PlannedSegment,
  { parameters, resume }: NextSegment,
  { accumulate = 1, clip, metrics = state.metrics, validateSkip: skip = 0, mix }: FitOptions & { mix: Mixer | undefined },
  work: WorkOptions,
): Promise<Segment> {
  state.weights.parameters = parameters;
  if (data !== state.data) await state.useData(data);
  const network = await state.open();
  return {
    plan,
    stepsPerEpoch,
    trainer: state.trainer(network, { optimizer, accumulate: accumulate > 1, clip, resume }),
    passes: state.passes(network.frozen, bs, work, mix),
    epochsBefore: state.history.epochs,
    task: state.taskWith(metrics),
    validation: { path: state.path, network, items: state.data.valid, precompute: state.cut.precompute, skip },
    work,
  };
}
