// Schedules: the factor on the learning rate at each batch. All layer groups share it.

import { expected } from "../../core/errors.ts";

/** The factor on the learning rate, or the momentum itself, at batch `step` (from 0) of a fit. */
export type Schedule = (step: number) => number;

/** The course of a fit: the factor on the learning rate, and the momentum if it changes too. */
export interface Policy {
  readonly lr: Schedule;
  readonly momentum?: Schedule;
}

export interface RestartOptions {
  /** Epochs of the first phase; without it, the rate is constant and a phase is one epoch. */
  cycleLen?: number | undefined;
  /** Each phase is this many times as long as the one before. */
  cycleMult?: number | undefined;
}

/** Epochs of each of the `cycles` phases of `fit`: cycleLen · cycleMult^k. With 3 cycles, cycleLen 1 and cycleMult 2: [1, 2, 4]. */
export function epochsOfPhases(cycles: number, { cycleLen = 1, cycleMult = 1 }: RestartOptions): readonly number[] {
  for (const [name, value] of Object.entries({ cycles, cycleLen, cycleMult })) {
    if (!Number.isInteger(value) || value < 1) throw expected("a whole number of at least 1", name, value);
  }
  return Array.from({ length: cycles }, (_, k) => cycleLen * cycleMult ** k);
}

/** The place of batch `step`: its phase (from 0), its number in it (from 0), and the phase's batches. Batches past the end count to the last phase. */
export function placeInPhase(step: number, batchesPerPhase: readonly number[]): { phase: number; t: number; length: number } {
  let t = step;
  let phase = 0;
  while (phase < batchesPerPhase.length - 1 && t >= batchesPerPhase[phase]!) t -= batchesPerPhase[phase++]!;
  return { phase, t, length: batchesPerPhase[phase]! };
}

/** The constant rate. */
export const constant: Schedule = () => 1;

/**
 * Cosine annealing with warm restarts (SGDR; Loshchilov and Hutter 2017): within a phase of T batches the factor is
 * (1 + cos(π t / T)) / 2. With `warmUp`, the first twentieth of the first phase runs at 1/100, as fastai 0.7 does.
 */
export function cosineRestarts(batchesPerPhase: readonly number[], { warmUp = true }: { warmUp?: boolean } = {}): Schedule {
  return (step) => {
    const { phase, t, length } = placeInPhase(step, batchesPerPhase);
    if (warmUp && phase === 0 && t < length / 20) return 0.01;
    return (1 + Math.cos((Math.PI * t) / length)) / 2;
  };
}

/** The finder's rates: start · (end/start)^(i/steps), a constant factor per batch (Smith 2017). */
export function exponentialRise(start: number, end: number, steps: number): Schedule {
  return (step) => start * (end / start) ** (step / steps);
}

/** fastai 0.7's linear finder and its `warm_up`: end · i/steps, so that the first batch changes nothing. */
export function linearRise(end: number, steps: number): Schedule {
  return (step) => (end * step) / steps;
}
