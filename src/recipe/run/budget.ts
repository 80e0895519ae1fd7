// Divides a time limit among the stages, and shortens stages to fit.

import { epochsOf } from "../choices/epochs.ts";
import type { StagePlan } from "../file/schema.ts";

/** Roughly how long stages take relative to one another; the time that is left is divided accordingly. */
const WEIGHTS = { precompute: 1, augment: 2, unfreeze: 6, tta: 1 } as const;

export interface Budget {
  /** Seconds left; infinite without a limit. */
  left(): number;
  /** The share of the first of `stages`, the stages that remain. */
  share(stages: readonly Pick<StagePlan, "name" | "size">[], views: number): number;
}

/** A budget of `seconds` seconds from now on, of which `spent` are used up; undefined for no limit. */
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

/** `plan` with as many cycles, or a cycle with as many epochs, as fit into `seconds`; undefined if not even one epoch fits. */
export function shortened(plan: StagePlan, secondsPerEpoch: number, seconds: number): StagePlan | undefined {
  const fits = (epochs: number): boolean => epochs * secondsPerEpoch <= seconds;
  for (let cycles = plan.cycles; cycles > 0; cycles--) if (fits(epochsOf({ ...plan, cycles }))) return { ...plan, cycles };
  const cycleLen = Math.min(plan.cycleLen, Math.floor(seconds / secondsPerEpoch));
  return cycleLen >= 1 ? { ...plan, cycles: 1, cycleLen } : undefined;
}
