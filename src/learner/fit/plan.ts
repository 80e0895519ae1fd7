// Plans a fit from its options: segments, their phases in batches, and the settings of every batch.

import { expected } from "../../core/errors.ts";
import type { Store } from "../../core/store/store.ts";
import type { ImageClassifierData } from "../../data/image-data.ts";
import type { Parameters } from "../../nn/scope.ts";
import { betterBy, saveBest } from "../callbacks/monitor.ts";
import { stepsPerEpoch } from "../frozen/training-passes.ts";
import type { Callback } from "../loop/callback.ts";
import type { SegmentPlan } from "../loop/segment.ts";
import { cycleFolder } from "../models/snapshot.ts";
import { type GroupValues, perGroup } from "../schedules/group-values.ts";
import { oneCycleBeta, slantedTriangle } from "../schedules/one-cycle.ts";
import { phaseSteps, phaseValues, type TrainingPhase } from "../schedules/phases.ts";
import { constant, cosineRestarts, epochsOfPhases, type Policy } from "../schedules/schedule.ts";
import { decaySchedule, idleDecay } from "../schedules/weight-decay.ts";
import { decoupled, type Optimizer } from "../step/optimizer.ts";
import type { FitOptions, TrainingOptions } from "./options.ts";

/** What planning a fit needs to know of the learner and its data. */
export interface PlanContext {
  readonly groups: number;
  readonly stepsPerEpoch: number;
  readonly optimizer: Optimizer;
}

/** The plan of `fit`. Throws a UsageError for options that exclude each other and for numbers that do not fit the layer groups. */
export function planFit(lrs: GroupValues, cycles: number, options: FitOptions, context: PlanContext): SegmentPlan {
  const { cycleLen, cycleMult, warmUp = true, useClr, useClrBeta } = options;
  const phases = epochsOfPhases(cycles, { cycleLen, cycleMult }).map((length) => length * context.stepsPerEpoch);
  if (useClr && useClrBeta) throw expected("one of useClr and useClrBeta", "the schedule", "both");
  if (useClr) return planPolicy(lrs, phases, slantedTriangle(phases, useClr === true ? {} : useClr), options, context);
  if (useClrBeta) return planPolicy(lrs, phases, oneCycleBeta(phases, useClrBeta === true ? {} : useClrBeta), options, context);
  return planPolicy(lrs, phases, { lr: cycleLen === undefined ? constant : cosineRestarts(phases, { warmUp }) }, options, context);
}

/** The plan of a fit along `policy`. */
export function planPolicy(
  lrs: GroupValues,
  phases: readonly number[],
  policy: Policy,
  options: Pick<FitOptions, "wds" | "useWdSched" | "normWds" | "wdsSchedMult" | "onWarning">,
  { groups, optimizer }: PlanContext,
): SegmentPlan {
  const rates = perGroup(lrs, groups, "learning rates");
  const wds = perGroup(options.wds ?? 0, groups, "weight decays");
  const warning = idleDecay(wds, options);
  if (warning) options.onWarning?.(warning);
  const decays = decaySchedule(wds, phases, options);
  const initialLr = rates.at(-1) as number;
  return {
    phases,
    settings(step) {
      const factor = policy.lr(step);
      const momentum = policy.momentum?.(step) ?? optimizer.momentum;
      const weightDecays = decays({ step, lr: initialLr * factor, initialLr });
      return { lrs: rates.map((lr) => lr * factor), momentums: rates.map(() => momentum), weightDecays };
    },
  };
}

/** The plan of consecutive `phases` that one optimiser goes through on the same data. */
export function planPhases(phases: readonly TrainingPhase[], { groups, stepsPerEpoch, optimizer }: PlanContext): SegmentPlan {
  const lengths = phases.map((phase) => phaseSteps(phase, stepsPerEpoch));
  const values = phases.map((phase) => phaseValues(phase, groups, optimizer));
  return {
    phases: lengths,
    settings(step) {
      let [phase, t] = [0, step];
      while (phase < lengths.length - 1 && t >= lengths[phase]!) t -= lengths[phase++]!;
      const { lrs, momentum, weightDecays } = values[phase]!(t / lengths[phase]!);
      return { lrs, momentums: lrs.map(() => momentum), weightDecays };
    },
  };
}

/** A requested segment: one optimiser (default the learner's) on one set of data (default that of the segment before). */
export interface SegmentRequest {
  readonly optimizer?: Optimizer | undefined;
  readonly data?: ImageClassifierData | undefined;
  readonly plan: (context: PlanContext) => SegmentPlan;
}

/** The segment of `fit`. */
export function cyclicalSegment(lrs: GroupValues, cycles: number, options: FitOptions, optimizer: Optimizer): SegmentRequest {
  return {
    optimizer: options.useWdSched ? decoupled(optimizer) : optimizer,
    plan: (context) => planFit(lrs, cycles, options, context),
  };
}

/** The segment of `epochs` epochs along one policy. */
export function policySegment(
  epochs: number,
  lrs: GroupValues,
  options: Pick<FitOptions, "wds">,
  policy: (steps: number) => Policy,
): SegmentRequest {
  if (!Number.isInteger(epochs) || epochs < 1) throw expected("a whole number of at least 1", "epochs", epochs);
  return {
    plan(context) {
      const steps = epochs * context.stepsPerEpoch;
      return planPolicy(lrs, [steps], policy(steps), options, context);
    },
  };
}

/** The segments of `fitPhases`: consecutive phases with the same optimiser and data share one. */
export function phaseSegments(phases: readonly TrainingPhase<ImageClassifierData>[]): readonly SegmentRequest[] {
  if (phases.length === 0) throw expected("at least one phase", "fitPhases", []);
  const segments: TrainingPhase<ImageClassifierData>[][] = [];
  for (const phase of phases) {
    const before = segments.at(-1)?.at(-1);
    if (before && before.optimizer === phase.optimizer && before.data === phase.data) segments.at(-1)?.push(phase);
    else segments.push([phase]);
  }
  return segments.map((segment) => ({
    optimizer: segment[0]?.optimizer,
    data: segment[0]?.data,
    plan: (context: PlanContext) => planPhases(segment, context),
  }));
}

/** A segment with its plan, its data and its batches. */
export interface PlannedSegment extends PlanContext {
  readonly data: ImageClassifierData;
  readonly bs: number;
  readonly plan: SegmentPlan;
}

/** Plans all segments before anything is computed, so that mistakes show at once. An epoch that the end of a segment cuts short counts as whole. */
export function planSegments(
  requests: readonly SegmentRequest[],
  { bs }: TrainingOptions,
  learner: { readonly groups: number; readonly optimizer: Optimizer; readonly data: ImageClassifierData },
): { readonly segments: readonly PlannedSegment[]; readonly epochs: number } {
  let current = learner.data;
  const segments = requests.map(({ optimizer = learner.optimizer, data, plan }) => {
    current = data ?? current;
    const size = bs ?? current.bs;
    const context = { optimizer, stepsPerEpoch: stepsPerEpoch(current, size), groups: learner.groups };
    return { ...context, data: current, bs: size, plan: plan(context) };
  });
  const epochs = segments.map(({ plan, stepsPerEpoch: steps }) => Math.ceil(plan.phases.reduce((a, b) => a + b, 0) / steps));
  return { segments, epochs: epochs.reduce((a, b) => a + b, 0) };
}

/** The callbacks that a fit's options stand for, after those that were given. `save` writes the model with the parameters to a place. */
export function callbacksOf(
  { callbacks = [], bestSaveName, cycleSaveName, monitor, onEpoch, stopAfterCycle }: TrainingOptions & Pick<FitOptions, "stopAfterCycle">,
  save: (place: string | Store, parameters: Parameters) => Promise<void>,
): readonly Callback[] {
  const all: Callback[] = [...callbacks];
  if (onEpoch) all.push({ onEpochEnd: (result) => void onEpoch(result), onResume: ({ results }) => results.forEach(onEpoch) });
  if (bestSaveName !== undefined) all.push(saveBest((parameters) => save(bestSaveName, parameters), { isBetter: betterBy(monitor) }));
  if (cycleSaveName !== undefined)
    all.push({ onPhaseEnd: async (fit) => save(cycleFolder(cycleSaveName, fit.phase), await fit.snapshot()) });
  if (stopAfterCycle) all.push({ onPhaseEnd: ({ results }) => stopAfterCycle(results) });
  return all;
}
