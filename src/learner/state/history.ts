// What the fits of a learner left beside its weights: the results of all epochs, and the record and average of the last fit.

import type { Parameters } from "../../nn/scope.ts";
import type { Sched } from "../callbacks/recorder.ts";
import type { EpochResult, SwaResult } from "../loop/epoch-result.ts";

/** The averaged weights of a fit with `useSwa`, and their validation. */
export interface FitAverage {
  readonly parameters: Parameters | undefined;
  readonly results: readonly SwaResult[];
}

export class History {
  /** The averaged weights of the last fit that had any. */
  average: FitAverage | undefined;
  #results: readonly EpochResult[] = [];
  #sched: Sched | undefined;

  /** The epochs of all fits. */
  get results(): readonly EpochResult[] {
    return this.#results;
  }

  /** Number of the epochs so far: each has an order and an augmentation of its own. */
  get epochs(): number {
    return this.#results.length;
  }

  /** The record of the last fit. */
  get sched(): Sched | undefined {
    return this.#sched;
  }

  /** Adds a fit. */
  add(results: readonly EpochResult[], sched: Sched): void {
    this.#results = [...this.#results, ...results];
    this.#sched = sched;
  }
}
