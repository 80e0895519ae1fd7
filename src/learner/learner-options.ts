// What a person may say when a learner is made. The names are fastai's.

import type { WorkOptions } from "../core/progress.ts";
import type { SessionOptions } from "../runtime/engine.ts";
import type { Optimizer } from "./optimizer.ts";
import type { Precision, PrecisionChoice } from "./precision.ts";
import type { RegressionLoss } from "./task.ts";

export interface LearnerOptions extends WorkOptions, SessionOptions {
  /** Path of the safetensors file with the body's pretrained weights; default those that ship with thaw, where the architecture has some. */
  weights?: string | undefined;
  /** Trains on activations computed once instead of on images; default false. */
  precompute?: boolean;
  /** Dropout of the head: one number, or one per block; default 0.25 for each hidden layer and 0.5 before the last. */
  ps?: number | readonly number[];
  /** Widths of the head's hidden layers; default [512]. */
  xtraFc?: readonly number[];
  /** Default: SGD with momentum 0.9. */
  optimizer?: Optimizer;
  /** The largest global norm of the gradient; default none. */
  clip?: number;
  /** Seed of the head's start, the order of images, augmentation and dropout; default the data's. */
  seed?: number;
  /** Folder for activations; default ".thaw" beside the data's folder. */
  cache?: string;
  /**
   * Precision of the frozen part when it feeds training; default "fp32". Validation, predictions and the saved model are in full precision
   * always, so that what is measured is what is saved.
   */
  precision?: Precision;
  /** Told what was decided, each time a frozen part is chosen that "int8" or "auto" apply to. */
  onPrecision?: (choice: PrecisionChoice) => void;
  /** What a regression makes small: squared errors, or fastai 0.7's absolute ones, which outliers pull less; default "mse". */
  crit?: RegressionLoss;
  /** This share of each label, in [0, 1), goes to all classes alike while training (Szegedy et al. 2016); default 0. */
  labelSmoothing?: number;
  /** What each class counts in training, in the order of the classes, such as more for rare ones; default 1 each. */
  classWeights?: readonly number[];
  /** γ of the focal loss, which lets go of what is learnt already (Lin et al. 2017: 2); default 0, plain cross-entropy. */
  focal?: number;
}
