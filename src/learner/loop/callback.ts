// Callbacks: handlers of a fit's events. One that returns true (or a promise of it) ends the fit after a last validation.

import * as v from "valibot";
import type { Parameters } from "../../nn/scope.ts";
import type { StepSettings } from "../step/trainer.ts";
import type { EpochResult } from "./epoch-result.ts";

/** A fit as callbacks see it. */
export interface FitState {
  /** The current epoch, from 1; in `onEpochEnd` the next one. */
  readonly epoch: number;
  readonly epochs: number;
  /** Batches so far. */
  readonly step: number;
  /** The current phase, from 0: a cycle of `fit`, or a phase of `fitPhases`. */
  readonly phase: number;
  /** The smoothed training loss (β 0.98, bias-corrected); NaN before the first batch. */
  readonly loss: number;
  /** Rates, momenta and decays of the current batch, one per layer group; undefined before the first. */
  readonly settings: StepSettings | undefined;
  /** A factor on all learning rates from the next batch on; set it to change them. */
  lrScale: number;
  readonly results: readonly EpochResult[];
  /** A copy of the parameters after the best epoch so far; undefined before the first. */
  readonly best: Parameters | undefined;
  /** All parameters by name, read from the device if they are there; in memory they are buffers that later steps write to. */
  parameters(): Promise<Parameters>;
  /** A copy of the parameters. */
  snapshot(): Promise<Parameters>;
}

/** What a callback stores in a fit's checkpoint: plain JSON, and tensors by name. */
export interface CallbackState {
  readonly values: Readonly<Record<string, unknown>>;
  readonly tensors?: Parameters | undefined;
}

/** Handlers for the events of a fit, all optional. One that returns true, or a promise of it, ends the fit. */
export interface Callback {
  onTrainBegin?(fit: FitState): unknown;
  onPhaseBegin?(fit: FitState): unknown;
  onBatchBegin?(fit: FitState): unknown;
  /** `loss` is the smoothed training loss. */
  onBatchEnd?(loss: number, fit: FitState): unknown;
  /**
   * Whether `onBatchEnd` may come later, after up to three more batches; default false. If all callbacks that have it allow that and none has
   * `onBatchBegin`, small steps are done several at a time, which is faster. What it gets is the same, except for `parameters` and `snapshot`.
   */
  readonly batchesTogether?: boolean;
  /** After the validation. */
  onEpochEnd?(result: EpochResult, fit: FitState): unknown;
  /** After the last batch of a phase, and the validation if the epoch ends with it. */
  onPhaseEnd?(fit: FitState): unknown;
  onTrainEnd?(fit: FitState): unknown;
  /** Instead of `onTrainBegin` if a fit resumes from a checkpoint: with the results so far, and what `keep` returned when it was written. */
  onResume?(fit: FitState, stored: CallbackState | undefined): unknown;
  /** The state to resume from; without it, the callback starts over when a fit resumes. */
  keep?(): CallbackState | undefined;
  /** What the values of its state must be: a fit does not resume from a checkpoint with others. Without it they are not checked. */
  readonly kept?: v.GenericSchema;
}

export type EventName = Exclude<keyof Callback, "onResume" | "keep" | "kept" | "batchesTogether">;

/** A number of a callback's state; also NaN and infinity. */
export const keptNumber = v.custom<number>((value) => typeof value === "number", "Expected a number");
/** A count of a callback's state. */
export const keptCount = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** Tells all callbacks of `event` in turn; true if one of them ends the fit. */
export async function tellAll(
  callbacks: readonly Callback[],
  event: EventName,
  fit: FitState,
  detail?: number | EpochResult,
): Promise<boolean> {
  let stop = false;
  for (const callback of callbacks) {
    const answer =
      event === "onBatchEnd"
        ? callback.onBatchEnd?.(detail as number, fit)
        : event === "onEpochEnd"
          ? callback.onEpochEnd?.(detail as EpochResult, fit)
          : callback[event]?.(fit);
    if ((await answer) === true) stop = true;
  }
  return stop;
}
