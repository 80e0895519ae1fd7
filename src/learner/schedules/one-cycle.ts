// Cyclical policies: the slanted triangle and the 1cycle of fastai 0.7, the 1cycle and the flat cosine of fastai 2. Momentum falls
// while rates rise, and rises while they fall.

import { expected } from "../../core/errors.ts";
import { type Policy, placeInPhase } from "./schedule.ts";

/** fastai 0.7's `use_clr`. */
export interface ClrOptions {
  /** A phase starts and ends at the rate divided by this; default 4. */
  readonly div?: number;
  /** The rate rises in the first 1/cutDiv of a phase; default 8. */
  readonly cutDiv?: number;
  /** Momentum falls from `momMax` to `momMin` while the rate rises; without them, it is the optimiser's. */
  readonly momMax?: number;
  readonly momMin?: number;
}

/** fastai 0.7's `use_clr_beta`. */
export interface ClrBetaOptions {
  /** A phase starts at the rate divided by this; default 10. */
  readonly div?: number;
  /** In the last `pct` percent of a phase the rate falls to a hundredth of the start; default 10. */
  readonly pct?: number;
  /** Momentum falls from `mom0` to `mom1` while the rate rises, and back; without them, it is the optimiser's. */
  readonly mom0?: number;
  readonly mom1?: number;
}

/** fastai 2's `fit_one_cycle`. */
export interface OneCycleOptions {
  /** The rate starts at lrMax / div; default 25. */
  readonly div?: number;
  /** It ends at lrMax / divFinal; default 1e5. */
  readonly divFinal?: number;
  /** The share of the batches in which it rises, in [0, 1]; default 0.25. */
  readonly pctStart?: number;
  /** Momentum at the start, at the highest rate, and at the end; default [0.95, 0.85, 0.95]. */
  readonly moms?: readonly [start: number, middle: number, end: number];
}

/** fastai 2's `fit_flat_cos`. */
export interface FlatCosOptions {
  /** The rate ends at lr / divFinal; default 1e5. */
  readonly divFinal?: number;
  /** The share of the batches at the full rate, in [0, 1]; default 0.75. */
  readonly pctStart?: number;
}

/** The slanted triangle (Howard and Ruder 2018): from 1/div up to 1 over the first ⌊T / cutDiv⌋ of a phase's T batches, then down again. */
export function slantedTriangle(batchesPerPhase: readonly number[], options: ClrOptions = {}): Policy {
  const { div = 4, cutDiv = 8, momMax, momMin } = options;
  checkAtLeast(1, "div", div);
  checkAtLeast(1, "cutDiv", cutDiv);
  const height = (step: number): number => {
    const { t, length } = placeInPhase(step, batchesPerPhase);
    const cut = Math.floor(length / cutDiv);
    return t > cut ? 1 - (t - cut) / (length - cut) : cut === 0 ? 1 : t / cut;
  };
  const lr = (step: number) => (1 + height(step) * (div - 1)) / div;
  const [high, low] = pairOf("momMax", momMax, "momMin", momMin);
  return high === undefined ? { lr } : { lr, momentum: (step) => high + (low - high) * height(step) };
}

/**
 * fastai 0.7's 1cycle (Smith 2018): 1/div up to 1 over half of the first 100 − pct percent of a phase, down again over the other half, and in
 * the rest to 1/(100 · div). Momentum falls while the rate rises, rises while it falls, and stays in the rest.
 */
export function oneCycleBeta(batchesPerPhase: readonly number[], options: ClrBetaOptions = {}): Policy {
  const { div = 10, pct = 10, mom0, mom1 } = options;
  checkAtLeast(1, "div", div);
  if (!(pct >= 0 && pct < 100)) throw expected("a number of percent in [0, 100)", "pct", pct);
  /** The height of the triangle, and the part of the rest that is done; each in [0, 1]. */
  const place = (step: number): { height: number; rest: number } => {
    const { t, length } = placeInPhase(step, batchesPerPhase);
    const half = Math.floor((length * (1 - pct / 100)) / 2);
    if (t >= 2 * half) return { height: 0, rest: (t - 2 * half) / (length - 2 * half) };
    return { height: t > half ? 1 - (t - half) / half : t / half, rest: 0 };
  };
  const lr = (step: number): number => {
    const { height, rest } = place(step);
    return rest > 0 ? (1 - 0.99 * rest) / div : (1 + height * (div - 1)) / div;
  };
  const [start, middle] = pairOf("mom0", mom0, "mom1", mom1);
  return start === undefined ? { lr } : { lr, momentum: (step) => start + (middle - start) * place(step).height };
}

/** fastai 2's 1cycle over `steps` batches: cosines from 1/div to 1 and down to 1/divFinal, with the opposite momentum. */
export function oneCycle(steps: number, options: OneCycleOptions = {}): Policy {
  const { div = 25, divFinal = 1e5, pctStart = 0.25, moms = [0.95, 0.85, 0.95] } = options;
  checkAtLeast(1, "div", div);
  checkAtLeast(1, "divFinal", divFinal);
  checkShare(pctStart);
  const through = (start: number, middle: number, end: number) => (step: number) => {
    const part = step / steps;
    return part < pctStart ? cosine(start, middle, part / pctStart) : cosine(middle, end, (part - pctStart) / (1 - pctStart || 1));
  };
  return { lr: through(1 / div, 1, 1 / divFinal), momentum: through(...moms) };
}

/** fastai 2's flat start with a cosine to 1/div at the end, over `steps` batches. */
export function flatCosine(steps: number, options: FlatCosOptions = {}): Policy {
  const { divFinal = 1e5, pctStart = 0.75 } = options;
  checkAtLeast(1, "divFinal", divFinal);
  checkShare(pctStart);
  return { lr: (step) => (step / steps < pctStart ? 1 : cosine(1, 1 / divFinal, (step / steps - pctStart) / (1 - pctStart || 1))) };
}

/** Half a cosine from `start` (`part` 0) to `end` (`part` 1). */
export function cosine(start: number, end: number, part: number): number {
  return end + ((start - end) * (1 + Math.cos(Math.PI * part))) / 2;
}

function checkAtLeast(least: number, name: string, value: number): void {
  if (!(value >= least)) throw expected(`a number of at least ${least}`, name, value);
}

function checkShare(pctStart: number): void {
  if (!(pctStart >= 0 && pctStart <= 1)) throw expected("a share in [0, 1]", "pctStart", pctStart);
}

function pairOf(
  first: string,
  a: number | undefined,
  second: string,
  b: number | undefined,
): readonly [number, number] | readonly [undefined, undefined] {
  if (a !== undefined && b !== undefined) return [a, b];
  if (a === undefined && b === undefined) return [undefined, undefined];
  throw expected("two momenta", `${first} and ${second}`, [a, b], "Give both, or neither.");
}
