// A run that must not take longer than it may: what is left, whose share of it is whose, and how far a stage is shortened for it.

import { epochsOf } from "../choices/epochs.ts";
import type { StagePlan } from "../file/schema.ts";

/** How long stages take in relation to one another, roughly: what is left is shared out by it. */
const WEIGHTS = { precompute: 1, augment: 2, unfreeze: 6, tta: 1 } as const;

export interface Budget {
  /** Seconds that are left; infinite without a limit. */
  left(): number;
  /** The part of it that is for the first of `stages`, which are all that are to come. */
  share(stages: readonly Pick<StagePlan, "name" | "size">[], views: number): number;
}

/** A budget of `seconds` seconds from now on, of which `spent` are gone; undefined for as long as it takes. */
export function budgetOf(seconds: number | undefined, spent: number, now: () => number): Budget {
  const start = now();
  const left = (): number => (seconds === undefined ? Number.POSITIVE_INFINITY : Math.max(0, seconds - spent - (now() - start) / 1000));
  return {
    left,
    share(stages, views) {
      const costs = stages.map(({ name, size }) => WEIGHTS[name] * size ** 2);
      const last = views > 0 ? WEIGHTS.tta * (stages.at(-1)?.size ?? 1) ** 2 : 0;
      const all = costs.reduce((a, b) => a + b, last);
      return costs[0] === undefined ? left() : (left() * costs[0]) / all;
    },
  };
}

/** `plan` with as many cycles, or a cycle with as many epochs, as fit into `seconds`; undefined where not even one epoch does. */
export function shortened(plan: StagePlan, secondsPerEpoch: number, seconds: number): StagePlan | undefined {
  const fits = (epochs: number): boolean => epochs * secondsPerEpoch <= seconds;
  for (let cycles = plan.cycles; cycles > 0; cycles--) if (fits(epochsOf({ ...plan, cycles }))) return { ...plan, cycles };
  const cycleLen = Math.min(plan.cycleLen, Math.floor(seconds / secondsPerEpoch));
  return cycleLen >= 1 ? { ...plan, cycles: 1, cycleLen } : undefined;
}
