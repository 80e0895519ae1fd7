// The options of a learner. Their names are fastai's.

import type { WorkOptions } from "../core/progress.ts";
import type { Store } from "../core/store/store.ts";
import type { Sampling } from "../data/dataset/sampling.ts";
import type { SessionOptions } from "../runtime/engine.ts";
import type { DeviceChoice } from "./device/choose-device.ts";
import type { DeviceName } from "./device/resolve-device.ts";
import type { Precision, PrecisionChoice } from "./frozen/precision.ts";
import type { HeadOptions } from "./head-options.ts";
import type { Optimizer } from "./step/optimizer.ts";
import type { Metric } from "./task/measured.ts";
import type { LossOptions } from "./task/task.ts";

export interface LearnerOptions extends HeadOptions, LossOptions, WorkOptions, Omit<SessionOptions, "device"> {
  /**
   * Where to compute: "cpu" (Node's default), "wasm" (a browser's), "webgpu", or "auto", which measures the default and "webgpu" for a moment
   * and takes the faster.
   */
  device?: DeviceName;
  /** Called once for each network with the choice that "auto" made. */
  onDevice?: (choice: DeviceChoice) => void;
  /**
   * The body's pretrained weights: path of a safetensors file or of the folder that holds it (in a browser its address, or its name in the
   * browser's storage), the file itself as a Blob, a name from the catalogue ("resnet34.a1_in1k"), or "hf:owner/repository/file@revision"; default those that ship with thaw, or else the network's first in the catalogue. Files on the hub are
   * downloaded once.
   */
  weights?: string | Blob | undefined;
  /**
   * Channels of the images, as the data has them; the first convolution is adapted as fastai 2 does: for one channel the sum of its weights, for two
   * those of the first two times 1.5, for more zeros. Default the data's.
   */
  nIn?: number;
  /** Uses cached weights and never the network; default false, or the value of HF_HUB_OFFLINE. */
  offline?: boolean;
  /** Trains on activations computed once instead of on images; default false. */
  precompute?: boolean;
  /**
   * With precompute, the number of augmented views of each training image to cache. Epoch e trains on view e mod `precomputeViews`, computed
   * when it is first needed. The views are those that training on images would draw in its first epochs. Test-time augmentation caches as
   * many of its own. Default 0: one activation per image, without augmentation.
   */
  precomputeViews?: number;
  /** Default: SGD with momentum 0.9. */
  optimizer?: Optimizer;
  /** The largest global norm of the gradient; default none. */
  clip?: number;
  /** Seed of the head's start, the order of images, augmentation and dropout; default the data's. */
  seed?: number;
  /**
   * Further measures of the validation by name, such as
   * `{ top3: ({ probabilities, targets }) => metrics.topKAccuracy(probabilities, targets, 3) }`.
   */
  metrics?: Readonly<Record<string, Metric>>;
  /** How often training shows each image in an epoch: once (default), all classes equally often, or by a weight per image. */
  sampling?: Sampling;
  /** Folder or store for activations; default ".thaw" beside the data's folder. */
  cache?: string | Store;
  /**
   * Precision of the frozen part when it feeds training; default "fp32". Validation, predictions and the saved model always use full
   * precision, so that what is measured is what is saved.
   */
  precision?: Precision;
  /** Called with the decision each time one is made for "int8" or "auto". */
  onPrecision?: (choice: PrecisionChoice) => void;
}

/** The options of a learner from a saved model, which has its own network, head and weights. */
export type LoadOptions = Omit<LearnerOptions, keyof HeadOptions | "weights" | "offline"> & {
  /** Drops the model's classes that the data lacks; default false, which refuses such data. */
  dropClasses?: boolean;
};
