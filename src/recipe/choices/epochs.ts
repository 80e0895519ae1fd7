// How many epochs a stage trains for, and in which cycles.

import type { TRAINING_STAGES } from "./words.ts";

export type TrainingStage = (typeof TRAINING_STAGES)[number];

/**
 * Epochs in cycles, in each of which the rate falls once: `cycles` of them, the first of `cycleLen` epochs, each `cycleMult` times as long
 * as the one before.
 */
export interface Cycles {
  readonly cycles: number;
  readonly cycleLen: number;
  readonly cycleMult: number;
}

/** The most epochs of a stage. */
export const MOST_EPOCHS = 10_000;

const [FEW, MANY] = [500, 20_000];
const plan = (cycles: number, cycleMult: number): Cycles => ({ cycles, cycleLen: 1, cycleMult });
/** For few images, the usual number, and many. */
const EPOCHS = {
  precompute: [plan(4, 2), plan(3, 2), plan(2, 2)],
  augment: [plan(3, 1), plan(3, 1), plan(2, 1)],
  unfreeze: [plan(2, 2), plan(2, 2), plan(1, 1)],
} as const;

/** The cycles of a stage for `train` training images: few images need more epochs, and many teach enough in fewer. */
export function cyclesFor(stage: TrainingStage, train: number): Cycles & { why: string } {
  const [few, usual, many] = EPOCHS[stage];
  const [plan, why] =
    train < FEW ? [few, "few images, so more epochs"] : train < MANY ? [usual, "the usual length"] : [many, "many images, so fewer epochs"];
  return { ...plan, why };
}

/**
 * The cycles of `epochs` epochs: one for each epoch in `augment`; elsewhere doubling ones if they fit (1, 3, 7, 15 …), or else a single
 * one.
 */
export function cyclesOf(stage: TrainingStage, epochs: number): Cycles {
  if (stage === "augment") return plan(epochs, 1);
  const doubling = Math.log2(epochs + 1);
  return Number.isInteger(doubling) ? plan(doubling, 2) : { cycles: 1, cycleLen: epochs, cycleMult: 1 };
}

/** The number of epochs in all cycles, by the sum of the geometric series: a damaged recipe may claim any number of cycles. */
export function epochsOf({ cycles, cycleLen, cycleMult }: Cycles): number {
  return cycleMult === 1 ? cycleLen * cycles : (cycleLen * (cycleMult ** cycles - 1)) / (cycleMult - 1);
}
