// Rows of an entry, computed from their images.

import { byteSize } from "../../../core/byte-size.ts";
import { UsageError } from "../../../core/errors.ts";
import type { WorkOptions } from "../../../core/progress.ts";
import type { Store } from "../../../core/store/store.ts";
import { sizeOf } from "../../../core/tensor.ts";
import { tracedWaits } from "../../../core/trace.ts";
import { loadBatches } from "../../../data/load/loader.ts";
import type { FrozenPart } from "../frozen-part.ts";
import { failOnUnreadable } from "../unreadable.ts";
import type { RowSource } from "./entry.ts";
import type { ActivationStore } from "./store.ts";

/** Images that go through the network at once: a whole number of such batches makes a chunk, or one smaller batch does. */
const BATCH = 64;
/** From this many bytes on, a warning comes before they are written. */
const LARGE = 1e9;

export interface ComputeOptions extends WorkOptions, RowSource {
  readonly frozen: Pick<FrozenPart, "itemShape" | "run">;
  readonly workers?: number | undefined;
  /** Images that go through the frozen part in all, with those of other entries; default: those that are computed here. */
  readonly images?: number | undefined;
}

/** The values of `chunks`, which are numbers in rising order, one after another. Throws a UsageError for an image that cannot be read. */
export async function* computeChunks(
  { items, spec, draw, frozen, workers, images, signal }: ComputeOptions,
  store: Pick<ActivationStore, "chunkRows" | "rowsOf">,
  chunks: readonly number[],
): AsyncGenerator<{ readonly chunk: number; readonly values: Float32Array }> {
  const size = sizeOf(frozen.itemShape);
  const order = chunks.flatMap((chunk) => {
    const [first, last] = store.rowsOf(chunk);
    return Array.from({ length: last - first }, (_, i) => first + i);
  });
  const { seed, epoch, purpose } = draw ?? { seed: 0, epoch: 0, purpose: "valid" };
  const batchSize = Math.min(BATCH, store.chunkRows);
  const batches = loadBatches({ items, spec, batchSize, order, seed, epoch, purpose, ...(workers && { workers }), signal });
  let at = 0;
  let filled = 0;
  let values = new Float32Array(0);
  for await (const { pixels, failed, indices } of tracedWaits("wait for images", batches)) {
    failOnUnreadable(items, failed);
    const chunk = chunks[at] as number;
    const [first, last] = store.rowsOf(chunk);
    if (filled === 0) values = new Float32Array((last - first) * size);
    values.set((await frozen.run(pixels, images ?? order.length)).data as Float32Array, filled * size);
    filled += indices.length;
    if (filled < last - first) continue;
    yield { chunk, values };
    at++;
    filled = 0;
  }
}

/** Warns before much is written to `cache`. Throws a UsageError if there is no room for it. */
export async function checkRoom(cache: Store, bytes: number, of: { count: number; itemShape: readonly number[] }, work: WorkOptions) {
  const each = `${of.count.toLocaleString("en-US")} images at ${byteSize(4 * sizeOf(of.itemShape))} each`;
  const free = await cache.freeSpace?.();
  if (free !== undefined && free < bytes)
    throw new UsageError(
      `Activations of ${each} need ${byteSize(bytes)}, and ${cache.locate()} has room for ${byteSize(free)}`,
      "Free some space (thaw cache shows what activations of other runs take), choose a cache folder on another disk, freeze more layers, or go without precompute.",
    );
  if (bytes >= LARGE)
    work.onWarning?.({
      message: `Activations of ${each} will take ${byteSize(bytes)} in ${cache.locate()}`,
      hint: "thaw cache lists and clears them. With more layers frozen, or without precompute, there are fewer or none.",
    });
}
