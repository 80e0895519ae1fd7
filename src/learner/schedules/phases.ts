// Training phases: consecutive parts of a fit, each with its own length, rates, momentum and decay types, optimiser and data.

import { expected } from "../../core/errors.ts";
import type { Optimizer } from "../step/optimizer.ts";
import { type GroupValues, perGroup } from "./group-values.ts";
import { cosine } from "./one-cycle.ts";

/** How a value goes from its start to its end. */
export type Decay = "no" | "linear" | "cosine" | "exponential" | { readonly polynomial: number };

/** fastai 0.7's names for the kinds of decay; POLYNOMIAL takes its power. */
export const DecayType = {
  NO: "no",
  LINEAR: "linear",
  COSINE: "cosine",
  EXPONENTIAL: "exponential",
  POLYNOMIAL: (power: number): Decay => ({ polynomial: power }),
} as const;

/** A value that stays, or one that goes from `start` to `end` (default 0) by the phase's decay. */
export type Ramp<T> = T | { readonly start: T; readonly end: T };

/** `Data` is what the phases of a learner may train on. */
export interface TrainingPhase<Data = unknown> {
  /** Epochs, which may be a fraction of one; default 1. */
  readonly epochs?: number;
  /** Default: the learner's optimiser. Its state carries over to the next phase if the optimiser and the data stay the same. */
  readonly optimizer?: Optimizer;
  /** Default 0.01. */
  readonly lr?: Ramp<GroupValues>;
  /** Default "no". */
  readonly lrDecay?: Decay;
  /** Default: the optimiser's. */
  readonly momentum?: Ramp<number>;
  /** Default "no". */
  readonly momentumDecay?: Decay;
  /** Weight decays; default 0. */
  readonly wds?: GroupValues;
  /** Data of this phase, such as the same images at another size; default the learner's. */
  readonly data?: Data;
}

/** A phase's values at one batch. */
export interface PhaseValues {
  readonly lrs: readonly number[];
  readonly momentum: number;
  readonly weightDecays: readonly number[];
}

/**
 * The value at `part` p (in [0, 1]) of a phase, from `start` s at 0 to `end` e at 1, as in fastai 0.7: linear s + (e − s)·p, cosine (Loshchilov and
 * Hutter 2017) e + (s − e)·(1 + cos πp)/2, exponential s·(e/s)^p, polynomial e + (s − e)·(1 − p)^power; "no" stays at s.
 */
export function decayed(decay: Decay, start: number, end: number, part: number): number {
  if (typeof decay === "object") return end + (start - end) * (1 - part) ** decay.polynomial;
  switch (decay) {
    case "no":
      return start;
    case "linear":
      return start + (end - start) * part;
    case "cosine":
      return cosine(start, end, part);
    case "exponential":
      return start * (end / start) ** part;
  }
}

/** Batches of a phase if an epoch has `stepsPerEpoch`; at least one. Throws a UsageError for epochs that are not positive. */
export function phaseSteps({ epochs = 1 }: TrainingPhase, stepsPerEpoch: number): number {
  if (!(epochs > 0 && Number.isFinite(epochs))) throw expected("a positive number", "a phase's epochs", epochs);
  return Math.max(1, Math.round(epochs * stepsPerEpoch));
}

/** The values of `phase` at its batch t of T, as a function of t/T. Throws a UsageError for a decay that its values cannot follow. */
export function phaseValues(phase: TrainingPhase, groups: number, optimizer: Optimizer): (part: number) => PhaseValues {
  const { lr = 0.01, lrDecay = "no", momentum = optimizer.momentum, momentumDecay = "no", wds = 0 } = phase;
  const rates = rampOf(lr, lrDecay, "lr", (value) => perGroup(value, groups, "learning rates"));
  const momenta = rampOf(momentum, momentumDecay, "momentum", (value) => [value]);
  const weightDecays = perGroup(wds, groups, "weight decays");
  return (part) => ({ lrs: rates(part), momentum: momenta(part)[0] as number, weightDecays });
}

function rampOf<T extends GroupValues>(
  value: Ramp<T>,
  decay: Decay,
  name: string,
  numbersOf: (value: T) => readonly number[],
): (part: number) => readonly number[] {
  const pair = typeof value === "object" && "start" in value;
  const start = numbersOf(pair ? value.start : value);
  const end = pair ? numbersOf(value.end) : start.map(() => 0);
  if (typeof decay === "object" && !(decay.polynomial > 0))
    throw expected("a positive power", `${name}'s polynomial decay`, decay.polynomial);
  if (decay === "exponential" && [...start, ...end].some((number) => number <= 0))
    throw expected(
      "positive numbers for its start and end",
      `${name} with exponential decay`,
      value,
      `Give both, such as ${name}: { start: 0.1, end: 0.001 }.`,
    );
  if (pair && decay === "no")
    throw expected(`a decay other than "no"`, `${name}Decay`, decay, `${name} goes from a start to an end: say how, such as "cosine".`);
  return (part) => start.map((first, group) => decayed(decay, first, end[group] as number, part));
}
