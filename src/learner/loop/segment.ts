// A segment of a fit: what one trainer does on one set of data. A fit has one, and another for each phase with another optimiser or other data.

import type { WorkOptions } from "../../core/progress.ts";
import type { Item } from "../../data/dataset/items.ts";
import type { Parameters } from "../../nn/scope.ts";
import type { InputBatch } from "../frozen/batches.ts";
import type { CutNetwork, DataPath } from "../frozen/data-path.ts";
import type { TrainingPasses } from "../frozen/training-passes.ts";
import type { StepSettings, Trainer } from "../step/trainer.ts";
import type { Task, Validation } from "../task/task.ts";

/** What a segment does, step by step. */
export interface SegmentPlan {
  /** Batches of each of its phases (of `fit`: its cycles). The last epoch is cut short if they end within it. */
  readonly phases: readonly number[];
  /** Rates, momenta and decays at batch `step` (from 0) of the segment. */
  readonly settings: (step: number) => StepSettings;
}

export interface Segment {
  readonly plan: SegmentPlan;
  readonly stepsPerEpoch: number;
  readonly trainer: Trainer;
  readonly passes: TrainingPasses;
  /** Epochs before the fit, after which its own are numbered. */
  readonly epochsBefore: number;
  readonly task: Task;
  readonly validation: {
    readonly path: DataPath;
    readonly network: Omit<CutNetwork, "parameters">;
    readonly items: readonly Item[];
    readonly precompute: boolean;
    /** The first epochs of the fit, which are not validated. */
    readonly skip: number;
  };
  readonly work: WorkOptions;
}

/** The batches of epoch `epoch` (from 0) of the fit, without the first `skip`. */
export function epochBatches({ passes, epochsBefore }: Segment, epoch: number, skip: number): AsyncIterable<InputBatch> {
  return passes.epoch(epochsBefore + epoch, skip);
}

/** The validation of epoch `epoch` (from 0) of the fit, with `parameters`. */
export async function validate({ validation, task, work }: Segment, parameters: Parameters, epoch: number): Promise<Validation> {
  const { path, network, items, precompute, skip } = validation;
  if (epoch < skip) return { loss: Number.NaN, accuracy: Number.NaN };
  return task.measure(items, await path.logits("valid", { ...network, parameters }, precompute, work));
}
