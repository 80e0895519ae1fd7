// What a run reports, as it happens. The command prints it as text or as JSON lines.

import type { Progress } from "../core/progress.ts";
import type { TargetKind } from "../data/dataset/targets.ts";
import type { LabelVerdict } from "../interpret/label-verdict.ts";
import type { Trust } from "../interpret/trust.ts";
import type { DeviceChoice } from "../learner/device/choose-device.ts";
import type { PrecisionChoice } from "../learner/frozen/precision.ts";
import type { Metrics } from "../learner/task/task.ts";
import type { DefaultNetwork } from "../nn/default-network/default-network.ts";
import type { Recipe } from "./file/schema.ts";

export type StageName = "precompute" | "augment" | "unfreeze" | "tta";

/** The network and size of a stage, if the run has several. */
export interface StagePlace {
  readonly network?: string;
  /** In pixels. */
  readonly size?: number;
}

export interface StageSummary extends StagePlace {
  readonly name: StageName;
  /** Validation accuracy in [0, 1] of the best epoch of the stage: of images, or of labels; NaN if the targets are numbers. */
  readonly accuracy: number;
  /** All metrics of that epoch, if accuracy is not the only one. */
  readonly metrics?: Metrics;
  readonly seconds: number;
  /** False if the stage did not improve the validation, so that its weights were discarded; of test-time augmentation, if its views count for nothing. */
  readonly kept: boolean;
  /** True if an earlier process trained all of it, before the run was stopped; `seconds` are that one's. */
  readonly resumed?: boolean;
}

/** The signal ended the run, which can be resumed. */
export interface StoppedEvent {
  readonly event: "stopped";
  /** The folder that holds the run. */
  readonly folder: string;
  /** The best model so far, and its validation accuracy; left out before the first epoch. */
  readonly best?: { readonly model: string; readonly accuracy: number };
}

/** What a run has come to. */
export interface RunResult {
  /** Validation accuracy of the saved weights, without test-time augmentation. */
  readonly accuracy: number;
  /** With it, if there was any. */
  readonly ttaAccuracy?: number;
  /** All metrics, without and with test-time augmentation, if accuracy is not the only one. */
  readonly metrics?: Metrics;
  readonly ttaMetrics?: Metrics;
  readonly stages: readonly StageSummary[];
  /** The model's folder. */
  readonly model: string;
}

/** The model is there, and can be used. What follows is about it: its speed, doubtful labels, the report. */
export interface SavedEvent extends RunResult {
  readonly event: "saved";
}

export interface DoneEvent extends RunResult {
  readonly event: "done";
  /** The page about the run, if there is one. */
  readonly report?: string;
}

export type RecipeEvent =
  | {
      readonly event: "data";
      /** Left out if each image has one class. */
      readonly kind?: TargetKind;
      readonly classes: readonly string[];
      readonly train: number;
      readonly valid: number;
      readonly leftOut: number;
    }
  /** The network that was taken, if none was named. */
  | ({ readonly event: "network" } & DefaultNetwork)
  | { readonly event: "warning"; readonly message: string; readonly hint?: string }
  | ({ readonly event: "progress" } & Progress)
  /** What was chosen, and why. */
  | { readonly event: "recipe"; readonly recipe: Recipe }
  /** A run that was stopped is resumed. */
  | { readonly event: "resumed"; readonly folder: string }
  | ({ readonly event: "stage"; readonly name: StageName; readonly purpose: string } & StagePlace)
  /** The first answer: a linear probe of the pretrained features, from which the head trains. */
  | {
      readonly event: "probe";
      /** On the validation images. */
      readonly accuracy: number;
      readonly loss: number;
      /** The strength of the L2 that cross-validation chose. */
      readonly l2: number;
      /** Of the fit, without the activations that it needs. */
      readonly seconds: number;
    }
  /** A stage got fewer epochs (or augmented views) than planned, or none, because time is short. */
  | { readonly event: "shortened"; readonly stage: StageName; readonly epochs: number; readonly planned: number }
  | ({ readonly event: "precision" } & PrecisionChoice)
  /** What `device: "auto"` chose. */
  | ({ readonly event: "device" } & DeviceChoice)
  | { readonly event: "lr"; readonly stage: StageName; readonly suggestion: number; readonly reason: string }
  | {
      readonly event: "epoch";
      readonly stage: StageName;
      readonly epoch: number;
      readonly epochs: number;
      readonly trainLoss: number;
      readonly validLoss: number;
      readonly accuracy: number;
      readonly metrics?: Metrics;
      /** Validation accuracy of the weights that the run would keep if it ended now. An epoch that is more accurate only within chance does not count. */
      readonly bestAccuracy: number;
      readonly seconds: number;
      /** True if an earlier process trained it, before the run was stopped. */
      readonly resumed?: boolean;
    }
  /** What the pretrained network's features say about the labels: see `DataProblems`. */
  | ({ readonly event: "problems" } & LabelVerdict)
  /** How far the saved model's probabilities agree with its accuracy, and what it answers with none of its classes. */
  | ({ readonly event: "trust" } & Trust)
  | ({ readonly event: "stageEnd"; readonly note: string } & StageSummary)
  | StoppedEvent
  | SavedEvent
  | DoneEvent;
