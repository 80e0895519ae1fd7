// The options of a fit. Their names are fastai's.

import type { WorkOptions } from "../../core/progress.ts";
import type { Store, StoredFile } from "../../core/store/store.ts";
import type { MixOptions } from "../frozen/mixing.ts";
import type { Callback } from "../loop/callback.ts";
import type { EpochResult, IsBetter } from "../loop/loop.ts";
import type { GroupValues } from "../schedules/group-values.ts";
import type { ClrBetaOptions, ClrOptions, FlatCosOptions, OneCycleOptions } from "../schedules/one-cycle.ts";
import type { WeightDecayOptions } from "../schedules/weight-decay.ts";
import type { Metric } from "../task/measured.ts";

/** What every way of fitting takes. */
export interface TrainingOptions extends WorkOptions, MixOptions {
  /** Images in a batch; default the data's. */
  bs?: number;
  /** Batches whose gradients make one update, as of a batch that many times as large (batch norm still sees each by itself); default 1. */
  accumulate?: number;
  /** Ends with the weights of the best epoch instead of the last one's; default false. */
  best?: boolean;
  /**
   * The measure that makes an epoch the best: "validLoss", "accuracy" or one of the metrics, of which losses and errors are better when lower;
   * default the accuracy if there is one, then the validation loss. Or a function that tells whether the first of two epochs is better.
   */
  monitor?: string | IsBetter;
  /** Saves the model to this folder or store after each epoch that is the best so far. */
  bestSaveName?: string | Store;
  /** Saves the model to the folder `<cycleSaveName>_cyc_<k>` at the end of cycle k, from 0: after its last update and validation. */
  cycleSaveName?: string;
  /** Keeps the mean of the weights at the ends of the epochs from `swaStart` (default 1) on as `learner.swa`. */
  useSwa?: boolean;
  swaStart?: number;
  /** Measures that mean every so many epochs from `swaStart` on and after the last, as `learner.swaResults`; default 5. */
  swaEvalFreq?: number;
  /** The largest global norm of the gradient; default the learner's `clip`. */
  clip?: number;
  /** Custom measures in this fit, instead of the learner's `metrics`. */
  metrics?: Readonly<Record<string, Metric>>;
  /** The first so many epochs are not validated, their results being NaN; default 0. */
  validateSkip?: number;
  callbacks?: readonly Callback[];
  /** Called after each epoch, and with the earlier ones if a fit resumes. */
  onEpoch?: (result: EpochResult) => void;
  /**
   * A file, or a value in a store, that stores the fit. If it exists, the fit resumes from it, to the same bits as without a break, and a fit that is over is not
   * repeated. The learner must be as it was then: same data, network, weights, options, seed, and earlier fits.
   */
  checkpoint?: string | StoredFile;
  /** Seconds between two writes of it; default 30, or more if a write takes long. 0 writes after each step. */
  checkpointSeconds?: number;
}

export interface FitOptions extends TrainingOptions, WeightDecayOptions {
  /** Epochs of the first cycle of cosine annealing; left out, the rate is constant. */
  cycleLen?: number;
  cycleMult?: number;
  /** The first twentieth of the first cosine cycle runs at a hundredth of the rate, as in fastai 0.7; default true. */
  warmUp?: boolean;
  /** Cycles rise and fall along a slanted triangle instead of a cosine; `true` for fastai's defaults. */
  useClr?: ClrOptions | true;
  /** Each cycle is a 1cycle of fastai 0.7; `true` for its defaults. */
  useClrBeta?: ClrBetaOptions | true;
  /** Weight decay, one for all layer groups or one for each; default 0. */
  wds?: GroupValues;
  /** Asked at the end of each cycle; true ends the fit. */
  stopAfterCycle?: (results: readonly EpochResult[]) => boolean;
}

export interface FitOneCycleOptions extends TrainingOptions, OneCycleOptions {
  /** Default 0. */
  wds?: GroupValues;
}

/** fastai 2's `fine_tune`: each of its two fits gets the other options. */
export interface FineTuneOptions extends TrainingOptions {
  /** The head's highest rate while the body is frozen, and twice that of the epochs after; default 2e-3. */
  baseLr?: number;
  /** Epochs with a frozen body before; default 1. */
  freezeEpochs?: number;
  /** By how much the earliest layers' rate is lower than the head's; default 100. */
  lrMult?: number;
  /** The share of the later epochs in which the rate rises, in [0, 1]; default 0.3. */
  pctStart?: number;
  /** The later epochs start at their highest rate divided by this; default 5. */
  div?: number;
  /** Default 0. */
  wds?: GroupValues;
}

export interface FitFlatCosOptions extends TrainingOptions, FlatCosOptions {
  /** Default 0. */
  wds?: GroupValues;
}
