// From what a person asks of a fit to what its loop does: cycles in batches, and the settings of every batch.

import { expected } from "../../core/errors.ts";
import type { ImageClassifierData } from "../../data/image-data.ts";
import { batchesOf } from "../../data/load/loader.ts";
import type { Parameters } from "../../nn/scope.ts";
import { betterBy, saveBest } from "../callbacks/monitor.ts";
import type { Callback } from "../loop/callback.ts";
import { type GroupValues, perGroup } from "../schedules/group-values.ts";
import { oneCycleBeta, slantedTriangle } from "../schedules/one-cycle.ts";
import { phaseSteps, phaseValues, type TrainingPhase } from "../schedules/phases.ts";
import { constant, cosineRestarts, cycleLengths, type Policy } from "../schedules/schedule.ts";
import { decaySchedule, idleDecay } from "../schedules/weight-decay.ts";
import { decoupled, type Optimizer } from "../step/optimizer.ts";
import type { StepSettings } from "../step/trainer.ts";
import type { FitOptions, TrainingOptions } from "./options.ts";

/** What is known of the learner and its data when a fit is planned. */
export interface PlanContext {
  readonly groups: number;
  readonly stepsPerEpoch: number;
  readonly optimizer: Optimizer;
}

/** A stretch of a fit by one optimiser. */
export interface Plan {
  /** Batches of each cycle or phase. */
  readonly phases: readonly number[];
  readonly settings: (step: number) => StepSettings;
}

/** The plan of `fit`. Throws a UsageError for options that exclude each other and for numbers that do not fit the layer groups. */
export function planFit(lrs: GroupValues, cycles: number, options: FitOptions, context: PlanContext): Plan {
  const { cycleLen, cycleMult, warmUp = true, useClr, useClrBeta } = options;
  const phases = cycleLengths(cycles, { cycleLen, cycleMult }).map((length) => length * context.stepsPerEpoch);
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
): Plan {
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
export function planPhases(phases: readonly TrainingPhase[], { groups, stepsPerEpoch, optimizer }: PlanContext): Plan {
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

/** Consecutive phases with the same optimiser and data, which one trainer goes through. */
export function legsOf<Data>(phases: readonly TrainingPhase<Data>[]): readonly (readonly TrainingPhase<Data>[])[] {
  if (phases.length === 0) throw expected("at least one phase", "fitPhases", []);
  const legs: TrainingPhase<Data>[][] = [];
  for (const phase of phases) {
    const before = legs.at(-1)?.at(-1);
    if (before && before.optimizer === phase.optimizer && before.data === phase.data) legs.at(-1)?.push(phase);
    else legs.push([phase]);
  }
  return legs;
}

/** A stretch of a fit: one optimiser (default the learner's) on one set of data (default the one before). */
export interface Stretch {
  readonly optimizer?: Optimizer | undefined;
  readonly data?: ImageClassifierData | undefined;
  readonly plan: (context: PlanContext) => Plan;
}

/** The stretch of `fit`. */
export function fitStretch(lrs: GroupValues, cycles: number, options: FitOptions, optimizer: Optimizer): Stretch {
  return {
    optimizer: options.useWdSched ? decoupled(optimizer) : optimizer,
    plan: (context) => planFit(lrs, cycles, options, context),
  };
}

/** The stretch of `epochs` epochs along one policy. */
export function policyStretch(
  epochs: number,
  lrs: GroupValues,
  options: Pick<FitOptions, "wds">,
  policy: (steps: number) => Policy,
): Stretch {
  if (!Number.isInteger(epochs) || epochs < 1) throw expected("a whole number of at least 1", "epochs", epochs);
  return {
    plan(context) {
      const steps = epochs * context.stepsPerEpoch;
      return planPolicy(lrs, [steps], policy(steps), options, context);
    },
  };
}

/** The stretches of `fitPhases`. */
export function phaseStretches(phases: readonly TrainingPhase<ImageClassifierData>[]): readonly Stretch[] {
  return legsOf(phases).map((leg) => ({
    optimizer: leg[0]?.optimizer,
    data: leg[0]?.data,
    plan: (context: PlanContext) => planPhases(leg, context),
  }));
}

/** All stretches planned, and their epochs, the last of each counting whole: before anything is computed, so that mistakes show at once. */
export function planStretches(
  stretches: readonly Stretch[],
  { bs }: TrainingOptions,
  learner: { readonly groups: number; readonly optimizer: Optimizer; readonly data: ImageClassifierData },
) {
  let current = learner.data;
  const planned = stretches.map(({ optimizer = learner.optimizer, data, plan }) => {
    current = data ?? current;
    const size = bs ?? current.bs;
    const context = { optimizer, stepsPerEpoch: stepsPerEpoch(current, size), groups: learner.groups };
    return { ...context, data: current, bs: size, plan: plan(context) };
  });
  const epochs = planned.map(({ plan, stepsPerEpoch: steps }) => Math.ceil(plan.phases.reduce((a, b) => a + b, 0) / steps));
  return { planned, epochs: epochs.reduce((a, b) => a + b, 0) };
}

/** A stretch with its plan, its data and its batches. */
export type PlannedStretch = ReturnType<typeof planStretches>["planned"][number];

/** Batches of an epoch of `data` in batches of `bs`. */
export function stepsPerEpoch(data: ImageClassifierData, bs: number): number {
  return batchesOf([...data.train.keys()], bs, { training: true }).length;
}

/** The callbacks that a fit's options stand for, after those that were given. `save` writes the model with the parameters to a folder. */
export function callbacksOf(
  { callbacks = [], bestSaveName, cycleSaveName, monitor, onEpoch, stopAfterCycle }: TrainingOptions & Pick<FitOptions, "stopAfterCycle">,
  save: (folder: string, parameters: Parameters) => Promise<void>,
): readonly Callback[] {
  const all: Callback[] = [...callbacks];
  if (onEpoch) all.push({ onEpochEnd: (result) => void onEpoch(result), onResume: ({ results }) => results.forEach(onEpoch) });
  if (bestSaveName !== undefined) all.push(saveBest((parameters) => save(bestSaveName, parameters), { isBetter: betterBy(monitor) }));
  if (cycleSaveName !== undefined) all.push({ onPhaseEnd: (fit) => save(cycleFolder(cycleSaveName, fit.phase), fit.snapshot()) });
  if (stopAfterCycle) all.push({ onPhaseEnd: ({ results }) => stopAfterCycle(results) });
  return all;
}

/** Where the snapshot of cycle `cycle` (from 0) lies. */
export function cycleFolder(name: string, cycle: number): string {
  return `${name}_cyc_${cycle}`;
}
