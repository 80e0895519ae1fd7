// What a training or evaluation step takes, from images through the frozen part or from cached activations.

import { type Tensor, zeros } from "../core/tensor.ts";
import { recordSpan, tracedWaits } from "../core/trace.ts";
import type { Item } from "../data/items.ts";
import { batchesOf, loadBatches } from "../data/loader.ts";
import type { TransformSpec } from "../data/transforms.ts";
import type { Activations } from "./activations/open.ts";
import type { FrozenPart } from "./frozen-part.ts";
import { failOnUnreadable } from "./unreadable.ts";

export interface InputBatch {
  /** What crosses the freeze point: [batch, ...itemShape]. */
  readonly input: Tensor;
  readonly indices: readonly number[];
}

export interface ImageSource {
  readonly items: readonly Item[];
  readonly spec: TransformSpec;
  readonly frozen: FrozenPart;
  readonly batchSize: number;
  readonly seed: number;
  readonly workers?: number | undefined;
}

/** Batches from images, by way of the frozen part. `key` names the augmentation's stream, `epoch` its number. */
export async function* imageBatches(
  source: ImageSource,
  order: readonly number[],
  epoch: number,
  purpose: string,
  training: boolean,
  signal?: AbortSignal,
): AsyncGenerator<InputBatch> {
  const { items, spec, frozen, batchSize, seed, workers } = source;
  const batches = loadBatches({
    items,
    spec,
    batchSize,
    order,
    seed,
    epoch,
    purpose,
    training,
    ...(workers === undefined ? {} : { workers }),
    signal,
  });
  for await (const batch of tracedWaits("wait for images", batches)) {
    failOnUnreadable(items, batch.failed);
    const start = performance.now();
    yield { input: await frozen.run(batch.pixels), indices: batch.indices };
    recordSpan("batch", "batch", start);
  }
}

/** Batches from cached activations. */
export async function* activationBatches(
  activations: Activations,
  order: readonly number[],
  batchSize: number,
  training: boolean,
  signal?: AbortSignal,
): AsyncGenerator<InputBatch> {
  for (const indices of batchesOf(order, batchSize, { training })) {
    signal?.throwIfAborted();
    const start = performance.now();
    yield { input: await activations.rows(indices), indices };
    recordSpan("batch", "batch", start);
  }
}

/** One-hot targets [batch, classes]. */
export function oneHot(labels: readonly number[], classes: number): Tensor<"float32"> {
  const targets = zeros("float32", [labels.length, classes]);
  for (const [row, label] of labels.entries()) targets.data[row * classes + label] = 1;
  return targets;
}
