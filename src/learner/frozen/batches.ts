// What a training or evaluation step takes, from images through the frozen part or from cached activations.

import type { Tensor } from "../../core/tensor.ts";
import { recordSpan, tracedWaits } from "../../core/trace.ts";
import type { TransformSpec } from "../../data/augment/transforms.ts";
import type { Item } from "../../data/dataset/items.ts";
import { batchesOf, loadBatches } from "../../data/load/loader.ts";
import type { Activations } from "./cache/open.ts";
import type { FrozenPart } from "./frozen-part.ts";
import type { Mixer } from "./mixing.ts";
import { failOnUnreadable } from "./unreadable.ts";

export interface InputBatch {
  /** What crosses the freeze point: [batch, ...itemShape]. */
  readonly input: Tensor;
  readonly indices: readonly number[];
  /** If the batch was mixed: its targets, as the trainer takes them. */
  readonly targets?: Tensor<"float32">;
}

export interface ImageSource {
  readonly items: readonly Item[];
  readonly spec: TransformSpec;
  readonly frozen: FrozenPart;
  readonly batchSize: number;
  readonly seed: number;
  readonly workers?: number | undefined;
  readonly mix?: Mixer | undefined;
}

/** Batches from images, by way of the frozen part. `purpose` names the augmentation's stream, `epoch` its number. */
export async function* imageBatches(
  source: ImageSource,
  order: readonly number[],
  epoch: number,
  purpose: string,
  training: boolean,
  signal?: AbortSignal,
): AsyncGenerator<InputBatch> {
  const { items, spec, frozen, batchSize, seed, workers, mix } = source;
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
    const { input, ...mixed } = mix?.(batch.pixels, batch.indices, epoch) ?? { input: batch.pixels };
    yield { ...mixed, input: await frozen.run(input, order.length), indices: batch.indices };
    recordSpan("batch", "batch", start);
  }
}

/** Batches from cached activations; `epoch` numbers the draw of `mix`. */
export async function* activationBatches(
  activations: Activations,
  order: readonly number[],
  batchSize: number,
  training: boolean,
  signal?: AbortSignal,
  { mix, epoch = 0 }: { mix?: Mixer | undefined; epoch?: number } = {},
): AsyncGenerator<InputBatch> {
  for (const indices of batchesOf(order, batchSize, { training })) {
    signal?.throwIfAborted();
    const start = performance.now();
    const input = await activations.rows(indices);
    yield { ...(mix?.(input, indices, epoch) ?? { input }), indices };
    recordSpan("batch", "batch", start);
  }
}

/** `batches` in groups of one batch size. `most` says how many a group may have that begins with a batch. */
export async function* ofOneSize(
  batches: AsyncIterable<InputBatch>,
  most: (first: InputBatch) => Promise<number>,
): AsyncGenerator<readonly InputBatch[]> {
  let group: InputBatch[] = [];
  let limit = 0;
  for await (const batch of batches) {
    const first = group[0];
    if (first && first.indices.length !== batch.indices.length) {
      yield group;
      group = [];
    }
    if (group.length === 0) limit = await most(batch);
    group.push(batch);
    if (group.length < limit) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}
