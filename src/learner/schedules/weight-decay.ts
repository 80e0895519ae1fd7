// The schedule of decoupled weight decay, as in fastai 0.7: decay outside the gradient, w ← w − lr · wd · w, with its own schedule.

import type { Warning } from "../../core/progress.ts";
import { placeInPhase } from "./schedule.ts";

/** What a multiplier of the decay is called with. */
export interface DecayPlace {
  /** Batch of the fit, from 0. */
  readonly step: number;
  /** The last layer group's rate at that batch, and the one that the fit was given. */
  readonly lr: number;
  readonly initialLr: number;
}

export interface WeightDecayOptions {
  /** Decays the weights outside the gradient (Loshchilov and Hutter 2019); default false, the decay is part of the gradient. */
  useWdSched?: boolean;
  /** Divides the decay by √(batches of the phase), so that one number fits any length (the same paper, appendix B.1); default false. */
  normWds?: boolean;
  /** A factor on the decay at each batch, such as `({ lr, initialLr }) => lr / initialLr`; default 1. */
  wdsSchedMult?: (place: DecayPlace) => number;
}

/** The weight decays of the groups at a batch. */
export type DecaySchedule = (place: DecayPlace) => readonly number[];

/** The schedule of `wds`, one per layer group; constant without `useWdSched`. */
export function decaySchedule(wds: readonly number[], batchesPerPhase: readonly number[], options: WeightDecayOptions): DecaySchedule {
  const { useWdSched = false, normWds = false, wdsSchedMult } = options;
  if (!useWdSched) return () => wds;
  return (place) => {
    const norm = normWds ? Math.sqrt(placeInPhase(place.step, batchesPerPhase).length) : 1;
    const factor = (wdsSchedMult?.(place) ?? 1) / norm;
    return wds.map((wd) => wd * factor);
  };
}

/** The warning for a decay schedule with nothing to decay; undefined otherwise. */
export function idleDecay(wds: readonly number[], { useWdSched = false }: WeightDecayOptions): Warning | undefined {
  if (!useWdSched || wds.some((wd) => wd !== 0)) return undefined;
  return { message: "useWdSched has no effect: all weight decays are 0", hint: "Give wds, such as { wds: 0.01, useWdSched: true }." };
}
