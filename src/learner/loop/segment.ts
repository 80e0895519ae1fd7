// A leg of a fit: what one trainer does, on one set of data. A fit has one, and one more for each phase with another optimiser or other data.

import type { Tensor } from "../../core/tensor.ts";
import type { Parameters } from "../../nn/scope.ts";
import type { InputBatch } from "../frozen/batches.ts";
import type { StepSettings, Trainer } from "../step/trainer.ts";
import type { Validation } from "../task.ts";

export interface Leg {
  readonly trainer: Trainer;
  /** The batches of epoch `epoch` (from 0) of the fit, without the first `skip`. */
  readonly batches: (epoch: number, skip: number) => AsyncIterable<InputBatch>;
  readonly stepsPerEpoch: number;
  /** Images of one epoch. */
  readonly images: number;
  /** Targets of the items at `indices`, as the trainer takes them. */
  readonly targets: (indices: readonly number[]) => Tensor<"float32">;
  /** Batches of each of its phases (of a fit: its cycles); the last epoch is cut short where they end within it. */
  readonly phases: readonly number[];
  /** Rates, momenta and decays at batch `step` (from 0) of the leg. */
  readonly settings: (step: number) => StepSettings;
  /** The validation of epoch `epoch` (from 0) of the fit. */
  readonly validate: (parameters: Parameters, epoch: number) => Promise<Validation>;
}
