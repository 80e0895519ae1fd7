// What a run reports, as it happens. The CLI draws it for people or prints it as JSON lines.

import type { TargetKind } from "../data/targets.ts";
import type { PrecisionChoice } from "../learner/precision.ts";
import type { Metrics } from "../learner/task.ts";

export type StageName = "precompute" | "augment" | "unfreeze" | "tta";

export interface StageSummary {
  readonly name: StageName;
  /** Validation accuracy in [0, 1] of the best epoch of the stage: of images, or of labels; NaN where the targets are numbers. */
  readonly accuracy: number;
  /** All measures of that epoch, where the accuracy is not the only one. */
  readonly metrics?: Metrics;
  readonly seconds: number;
  /** False where the stage made validation worse, and its weights were not kept. */
  readonly kept: boolean;
}

export interface DoneEvent {
  readonly event: "done";
  /** Validation accuracy of the saved weights, without test-time augmentation. */
  readonly accuracy: number;
  readonly ttaAccuracy: number;
  /** All measures, where the accuracy is not the only one, without test-time augmentation and with it. */
  readonly metrics?: Metrics;
  readonly ttaMetrics?: Metrics;
  readonly stages: readonly StageSummary[];
  /** The model's folder. */
  readonly model: string;
}

export type RecipeEvent =
  | {
      readonly event: "data";
      /** Left out where each image is of one class. */
      readonly kind?: TargetKind;
      readonly classes: readonly string[];
      readonly train: number;
      readonly valid: number;
      readonly leftOut: number;
    }
  | { readonly event: "warning"; readonly message: string; readonly hint?: string }
  | { readonly event: "progress"; readonly task: string; readonly done: number; readonly total: number; readonly unit: string }
  | { readonly event: "stage"; readonly name: StageName; readonly purpose: string }
  | ({ readonly event: "precision" } & PrecisionChoice)
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
      readonly seconds: number;
    }
  | {
      readonly event: "stageEnd";
      readonly name: StageName;
      readonly accuracy: number;
      readonly metrics?: Metrics;
      readonly seconds: number;
      readonly kept: boolean;
      readonly note: string;
    }
  | DoneEvent;
