// The passes of training over a data set, epoch by epoch, through one frozen part.

import type { WorkOptions } from "../../core/progress.ts";
import type { Item } from "../../data/dataset/items.ts";
import type { Sampling } from "../../data/dataset/sampling.ts";
import type { ImageClassifierData } from "../../data/image-data.ts";
import { batchesOf } from "../../data/load/loader.ts";
import type { InputBatch } from "./batches.ts";
import type { DataPath, TrainPass } from "./data-path.ts";
import type { FrozenPart } from "./frozen-part.ts";

export interface TrainingPassesOptions extends Pick<TrainPass, "batchSize" | "precompute" | "mix"> {
  readonly path: DataPath;
  readonly frozen: FrozenPart;
  readonly data: ImageClassifierData;
  readonly seed: number;
  readonly sampling: Sampling | undefined;
  readonly work: WorkOptions;
}

export class TrainingPasses {
  readonly #options: TrainingPassesOptions;

  constructor(options: TrainingPassesOptions) {
    this.#options = options;
  }

  /** Images of an epoch. */
  get images(): number {
    return this.#options.data.train.length;
  }

  /** Whether batches are rows of the cache. */
  get cached(): boolean {
    return this.#options.precompute !== undefined;
  }

  /** The training images at `indices`. */
  items(indices: readonly number[]): readonly Item[] {
    return indices.map((index) => this.#options.data.train[index] as Item);
  }

  /** The batches of epoch `epoch`, which has a name instead of a number if it belongs to no fit, without the first `skip`. */
  async *epoch(epoch: number | string, skip = 0): AsyncGenerator<InputBatch> {
    const { path, frozen, data, seed, sampling, work, ...pass } = this.#options;
    const order = data.trainOrder(seed, epoch, sampling).slice(skip * pass.batchSize);
    // Passes outside fits draw separate augmentations, so that they do not change the epochs that follow.
    yield* await path.trainBatches(frozen, { ...pass, order, epoch: typeof epoch === "number" ? epoch : -1 }, work);
  }
}

/** Batches of an epoch of `data` in batches of `bs`. */
export function stepsPerEpoch(data: ImageClassifierData, bs: number): number {
  return batchesOf([...data.train.keys()], bs, { training: true }).length;
}
