// The results of a run: what its validation photographs show. The same numbers as in the run's report.

import type { ClassReport } from "../../interpret/class-report.ts";
import type { ThresholdRow } from "../../interpret/thresholds.ts";
import type { CalibrationBin } from "../../metrics/probability.ts";
import type { PhotoId } from "./photographs.ts";
import type { RunId } from "./training.ts";

/** A validation photograph and its prediction. */
export interface PredictedPhoto {
  readonly id: PhotoId;
  /** The label that the run learnt from. The photograph may have another one by now. */
  readonly target: string;
  readonly predicted: string;
  /** Of the predicted class. */
  readonly probability: number;
  /** Cross-entropy in nats. */
  readonly loss: number;
}

/** A label that may be wrong. */
export interface DoubtedLabel {
  readonly id: PhotoId;
  readonly given: string;
  readonly suggested: string;
  /** In [0, 1]: 1 minus the probability of the given label. */
  readonly score: number;
  /** Whether it counts as an error. */
  readonly likely: boolean;
}

export interface RunResults {
  readonly run: RunId;
  readonly classes: readonly string[];
  /** Of the validation photographs, in [0, 1]. */
  readonly accuracy: number;
  readonly ttaAccuracy: number | undefined;
  /** Counts by true class (rows) and predicted class (columns). */
  readonly confusion: readonly (readonly number[])[];
  /** All validation photographs that are still there, in the order of their names: those of a cell have its target and prediction. */
  readonly predictions: readonly PredictedPhoto[];
  /** The photographs with the largest losses, largest first. `heatMap` shows where the network looked. */
  readonly topLosses: readonly PhotoId[];
  readonly report: ClassReport;
  readonly doubts: readonly DoubtedLabel[];
  /** What the doubts are worth, in one or two sentences; empty if labels were not examined. */
  readonly verdict: readonly string[];
  readonly calibration: {
    /** Fifteenths of the confidence, those without photographs left out; `from` is the lower end. */
    readonly bins: readonly (CalibrationBin & { readonly from: number })[];
    /** The expected calibration error, in [0, 1]. */
    readonly error: number;
  };
  readonly thresholds: readonly ThresholdRow[];
  /** The rate, momentum and loss of every batch, stage after stage; of long stages, of every n-th batch, at most 500. */
  readonly schedules: readonly {
    readonly stage: string;
    /** How many batches are between two. */
    readonly step: number;
    readonly lrs: readonly number[];
    readonly momentums: readonly number[];
    readonly losses: readonly number[];
  }[];
}

/** A prediction for a picture that was tried. */
export interface Answer {
  /** All classes, the most probable first. */
  readonly predictions: readonly { readonly class: string; readonly probability: number }[];
  /** False if it seems to be none of them; undefined if the model cannot say. */
  readonly present: boolean | undefined;
  /** Of decoding and predicting. */
  readonly milliseconds: number;
}

/** The forms of a model to take away. */
export const EXPORT_FORMATS = ["model", "onnx", "transformers", "page"] as const;

/**
 * "model" is thaw's own folder as a zip, "onnx" a zip of an ONNX file with its description, "transformers" one of a folder for transformers.js,
 * "page" one of a web page that predicts.
 */
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** Something to download. */
export interface Download {
  readonly name: string;
  readonly bytes: number;
  /** Where to get it: an address, which holds for some minutes, or "blob:…". */
  readonly address: string;
}
