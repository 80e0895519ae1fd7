// A running fit: its progress, as plain values that a checkpoint stores as they are, and what callbacks see of it.

import type { Parameters } from "../../nn/scope.ts";
import type { StepSettings } from "../step/trainer.ts";
import type { FitState } from "./callback.ts";
import type { EpochResult } from "./epoch-result.ts";
import type { Segment } from "./segment.ts";
import type { Smoothing } from "./smoothing.ts";

/** The progress of a fit. */
export interface FitProgress {
  /** The current segment, its batches that are done, and how many were done when the epoch began. */
  segment: number;
  step: number;
  first: number;
  /** Batches and phases of the whole fit. */
  steps: number;
  phase: number;
  /** The batch of the segment at which a phase ended last. */
  ended: number;
  /** Whether a callback ended the fit. */
  stopped: boolean;
  /** The smoothed training loss, and the average that it comes from. */
  loss: number;
  readonly smoothing: Smoothing;
  lrScale: number;
  readonly results: EpochResult[];
  /** Index of the best of them. */
  best: number | undefined;
}

/** The progress of a fit before its first batch. */
export function initialProgress(): FitProgress {
  const counts = { segment: 0, step: 0, first: 0, steps: 0, phase: 0, ended: -1 };
  const smoothing = { average: 0, steps: 0 };
  return { ...counts, stopped: false, loss: Number.NaN, smoothing, lrScale: 1, results: [], best: undefined };
}

/** The fit as callbacks see it; `segment`, `settings` and `best` change while it runs. */
export class RunningFit implements FitState {
  readonly epochs: number;
  settings: StepSettings | undefined;
  best: Parameters | undefined;
  readonly #progress: FitProgress;
  #segment: Segment | undefined;

  constructor(epochs: number, progress: FitProgress) {
    this.epochs = epochs;
    this.#progress = progress;
  }

  get segment(): Segment {
    if (!this.#segment) throw new Error("The fit has not begun");
    return this.#segment;
  }

  set segment(segment: Segment) {
    this.#segment = segment;
  }

  get epoch(): number {
    return this.results.length + 1;
  }

  get step(): number {
    return this.#progress.steps;
  }

  get phase(): number {
    return this.#progress.phase;
  }

  get loss(): number {
    return this.#progress.loss;
  }

  get lrScale(): number {
    return this.#progress.lrScale;
  }

  set lrScale(scale: number) {
    this.#progress.lrScale = scale;
  }

  get results(): readonly EpochResult[] {
    return this.#progress.results;
  }

  parameters(): Promise<Parameters> {
    return this.segment.trainer.parameters();
  }

  snapshot(): Promise<Parameters> {
    return this.segment.trainer.snapshot();
  }
}
