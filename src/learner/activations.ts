// Precompute: what crosses the freeze point, computed once per image and kept, so that training right of it needs no images.

import { UsageError } from "../core/errors.ts";
import { hashJson } from "../core/hash.ts";
import type { WorkOptions } from "../core/progress.ts";
import { sizeOf, type Tensor } from "../core/tensor.ts";
import { traced, tracedWaits } from "../core/trace.ts";
import { loadBatches } from "../data/loader.ts";
import type { ScannedItem } from "../data/scan.ts";
import type { TransformSpec } from "../data/transforms.ts";
import { type ActivationStore, CHUNK_ROWS, openActivationStore } from "./activation-store.ts";
import type { FrozenPart } from "./frozen-part.ts";
import { failOnUnreadable } from "./unreadable.ts";

/** Memory for chunks that were read, in bytes; more are read again from disk. */
const MEMORY = 2 ** 30;

export interface Activations {
  readonly itemShape: readonly number[];
  /** The activations of the items at `indices`, in that order: float32 [indices, ...itemShape]. */
  rows(indices: readonly number[]): Promise<Tensor<"float32">>;
}

export interface ActivationOptions extends WorkOptions {
  readonly items: readonly ScannedItem[];
  /** Without chance: the validation transform. */
  readonly spec: TransformSpec;
  readonly frozen: FrozenPart;
  /** The cache folder. */
  readonly folder: string;
  readonly workers?: number | undefined;
  /** What is being computed, for a person. */
  readonly task: string;
}

/** The activations of `items` through the frozen part: from the cache where they are there, computed and stored where not. */
export async function openActivations(options: ActivationOptions): Promise<Activations> {
  const { items, spec, frozen, folder } = options;
  const key = hashJson({ frozen: frozen.key, spec, precision: "float32", files: items.map((item) => item.hash) });
  const store = await openActivationStore(folder, key, items.length, frozen.itemShape);
  const memory = new ChunkMemory(store, sizeOf(frozen.itemShape) * CHUNK_ROWS * 4);
  await computeMissing(options, store, memory);
  const size = sizeOf(frozen.itemShape);
  return {
    itemShape: frozen.itemShape,
    async rows(indices) {
      const data = new Float32Array(indices.length * size);
      for (const [row, index] of indices.entries()) {
        const chunk = await memory.get(Math.floor(index / CHUNK_ROWS));
        const at = (index % CHUNK_ROWS) * size;
        data.set(chunk.subarray(at, at + size), row * size);
      }
      return { type: "float32", shape: [indices.length, ...frozen.itemShape], data };
    },
  };
}

async function computeMissing(options: ActivationOptions, store: ActivationStore, memory: ChunkMemory): Promise<void> {
  const { items, spec, frozen, workers, signal, onProgress, task } = options;
  const missing: number[] = [];
  for (let chunk = 0; chunk < store.chunks; chunk++) {
    const values = await traced("read activations", "cache", () => store.read(chunk));
    if (values) memory.put(chunk, values);
    else missing.push(chunk);
  }
  if (missing.length === 0) return;
  const order = missing.flatMap((chunk) => {
    const [first, last] = store.rowsOf(chunk);
    return Array.from({ length: last - first }, (_, i) => first + i);
  });
  const total = items.length;
  let done = total - order.length;
  let at = 0;
  onProgress?.({ task, done, total, unit: "images" });
  const batches = loadBatches({
    items,
    spec,
    batchSize: CHUNK_ROWS,
    order,
    seed: 0,
    epoch: 0,
    ...(workers === undefined ? {} : { workers }),
    signal,
  });
  for await (const batch of tracedWaits("wait for images", batches)) {
    failOnUnreadable(items, batch.failed);
    const chunk = missing[at++] as number;
    const values = (await frozen.run(batch.pixels)).data as Float32Array;
    await traced("write activations", "cache", () => store.write(chunk, values));
    memory.put(chunk, values);
    done += batch.indices.length;
    onProgress?.({ task, done, total, unit: "images" });
  }
}

/** Keeps the chunks read last, up to a limit. */
class ChunkMemory {
  readonly #store: ActivationStore;
  readonly #limit: number;
  readonly #chunks = new Map<number, Float32Array>();

  constructor(store: ActivationStore, bytesPerChunk: number) {
    this.#store = store;
    this.#limit = Math.max(1, Math.floor(MEMORY / bytesPerChunk));
  }

  put(chunk: number, values: Float32Array): void {
    this.#chunks.delete(chunk);
    this.#chunks.set(chunk, values);
    const [oldest] = this.#chunks.keys();
    if (this.#chunks.size > this.#limit && oldest !== undefined) this.#chunks.delete(oldest);
  }

  async get(chunk: number): Promise<Float32Array> {
    const values = this.#chunks.get(chunk) ?? (await traced("read activations", "cache", () => this.#store.read(chunk)));
    if (!values)
      throw new UsageError(
        "An activation chunk was removed or damaged while it was used",
        "Run the same command again: what is missing is computed anew.",
      );
    this.put(chunk, values);
    return values;
  }
}
