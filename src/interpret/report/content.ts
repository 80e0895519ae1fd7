// A report's content as plain data: a run, its predictions and its findings. `thaw report --json` prints its numbers.

import type { Suggestions } from "../../learner/lr-find/suggest.ts";
import type { Predictions } from "../../learner/predict/predictions.ts";
import type { StageHistory } from "../charts.ts";
import type { DataProblems } from "../data-problems.ts";
import type { Schedule } from "../schedule-chart.ts";
import type { Trust } from "../trust.ts";

export interface ReportStage {
  readonly name: string;
  /** Validation accuracy in [0, 1]; NaN if the targets are numbers. */
  readonly accuracy: number;
  /** Other metrics by name, the most informative first. */
  readonly metrics?: Readonly<Record<string, number>> | undefined;
  readonly seconds: number;
  readonly kept: boolean;
  /** True if it was trained, in part or whole, before the run was stopped and resumed. */
  readonly resumed?: boolean | undefined;
}

export interface ReportFinder {
  readonly stage: string;
  readonly lrs: readonly number[];
  readonly losses: readonly number[];
  readonly suggestions: Suggestions;
}

/** The saved network. */
export interface ReportModel {
  readonly architecture: string;
  /** Side of its input in pixels. */
  readonly size: number;
  readonly parameters: number;
  /** Size of the files that prediction needs. */
  readonly bytes: number;
  /** Photographs per second on the machine of the run, from file to prediction. */
  readonly imagesPerSecond: number;
}

export interface ReportContent {
  /** The report's subject, such as the data's name. */
  readonly title: string;
  readonly model: ReportModel;
  readonly classes: readonly string[];
  readonly train: number;
  readonly valid: number;
  readonly stages: readonly ReportStage[];
  readonly history: readonly StageHistory[];
  readonly finders: readonly ReportFinder[];
  readonly schedules: readonly Schedule[];
  /** The saved weights' predictions for the validation images. */
  readonly predictions: Predictions;
  readonly threshold?: number | undefined;
  /** Accuracy with test-time augmentation. */
  readonly ttaAccuracy: number | undefined;
  readonly problems: DataProblems | undefined;
  /** What the model's answers can be trusted with, if it is calibrated. */
  readonly trust?: Trust | undefined;
  /** The recipe that repeats the run. */
  readonly settings: unknown;
  /** The command that repeats it. */
  readonly command: string;
}
