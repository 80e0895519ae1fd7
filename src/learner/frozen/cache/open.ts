// Precompute: what crosses the freeze point, computed once per image and stored, so that training right of it needs no images.

import type { Store } from "../../../core/store/store.ts";
import { sizeOf, type Tensor } from "../../../core/tensor.ts";
import { traced } from "../../../core/trace.ts";
import { limiter } from "../../../data/load/limiter.ts";
import type { FrozenPart } from "../frozen-part.ts";
import { type ComputeOptions, checkRoom, computeChunks } from "./compute.ts";
import { attributesOf, type EntryMetadata, entryPrefix, keyOf, writeFiles } from "./entry.ts";
import type { MemoryBudget } from "./memory-budget.ts";
import { type ActivationStore, openActivationStore } from "./store.ts";

/** Chunks that are read at once. */
const READS = 4;

export interface Activations {
  /** Number of items. */
  readonly count: number;
  readonly itemShape: readonly number[];
  /** The activations of the items at `indices`, in that order: float32 [indices, ...itemShape]. */
  rows(indices: readonly number[]): Promise<Tensor<"float32">>;
}

/** One of several processes, each of which computes the chunks whose number, divided by `shards`, leaves its own. */
export interface Share {
  /** From 1 to `shards`. */
  readonly shard: number;
  readonly shards: number;
}

export interface ActivationOptions extends ComputeOptions {
  readonly frozen: Pick<FrozenPart, "itemShape" | "run" | "key">;
  readonly cache: Store;
  /** Describes the entry to readers and other programs. */
  readonly metadata: EntryMetadata;
  /** Memory for chunks. */
  readonly budget: MemoryBudget;
  /** Computes only this share of what is missing, at first; rows of others are computed when they are read. */
  readonly share?: Share | undefined;
  /** The task's name in progress events. */
  readonly task: string;
}

/**
 * The activations of the items through the frozen part: from the cache, or computed and stored if they are missing. Throws a
 * UsageError if there is no room for them or they cannot be written, and for an unreadable image; what is stored by then stays.
 */
export async function openActivations(options: ActivationOptions): Promise<Activations> {
  const { items, frozen, cache, metadata, share } = options;
  const writer = share && `${share.shard}-of-${share.shards}`;
  const entry = entryPrefix(keyOf(options, frozen.key));
  const attributes = attributesOf(options, metadata);
  await writeFiles(cache, entry, items, attributes.thaw);
  const rows = new CachedRows(options, await openActivationStore(cache, entry, items.length, frozen.itemShape, attributes, writer));
  await rows.computeMissing();
  return rows;
}

class CachedRows implements Activations {
  readonly count: number;
  readonly itemShape: readonly number[];
  readonly #options: ActivationOptions;
  readonly #store: ActivationStore;
  /** Elements of a row. */
  readonly #size: number;
  readonly #held = new Map<number, Float32Array>();
  /** By chunk, whether it was found intact, so that its rows can be read one by one. */
  readonly #checked: Uint8Array;
  readonly #loading = new Map<number, Promise<Float32Array>>();
  readonly #gate = limiter(READS);

  constructor(options: ActivationOptions, store: ActivationStore) {
    this.count = options.items.length;
    this.itemShape = options.frozen.itemShape;
    this.#options = options;
    this.#store = store;
    this.#size = sizeOf(this.itemShape);
    this.#checked = new Uint8Array(store.chunks);
  }

  async rows(indices: readonly number[]): Promise<Tensor<"float32">> {
    const size = this.#size;
    const data = new Float32Array(indices.length * size);
    await Promise.all(indices.map((index, position) => this.#row(index, data.subarray(position * size, (position + 1) * size))));
    return { type: "float32", shape: [indices.length, ...this.itemShape], data };
  }

  /** Computes the missing chunks. The others are checked when they are read. */
  async computeMissing(): Promise<void> {
    const { items, onProgress, task, cache, frozen, share = { shard: 1, shards: 1 } } = this.#options;
    const { chunks, chunkRows, rowsOf } = this.#store;
    const present = await this.#store.present();
    const own = Array.from({ length: chunks }, (_, chunk) => chunk).filter((chunk) => chunk % share.shards === share.shard - 1);
    const missing = own.filter((chunk) => !present.has(chunk));
    if (missing.length === 0) return;
    const of = { count: items.length, itemShape: frozen.itemShape };
    await checkRoom(cache, missing.length * chunkRows * this.#size * 4, of, this.#options);
    const imagesOf = (some: readonly number[]): number => some.reduce((sum, chunk) => sum + rowsOf(chunk)[1] - rowsOf(chunk)[0], 0);
    const total = imagesOf(own);
    let done = total - imagesOf(missing);
    onProgress?.({ task, done, total, unit: "images" });
    const write = async (chunk: number, values: Float32Array): Promise<void> => {
      await this.#write(chunk, values);
      done += values.length / this.#size;
      onProgress?.({ task, done, total, unit: "images" });
    };
    // A chunk is written while the next one is computed.
    let writing: Promise<void> = Promise.resolve();
    try {
      for await (const { chunk, values } of computeChunks(this.#options, this.#store, missing)) {
        await writing;
        writing = write(chunk, values);
        // It is awaited before the next one, or at the end; until then a failure must not count as unhandled.
        writing.catch(() => undefined);
      }
    } finally {
      await writing;
    }
  }

  async #row(index: number, row: Float32Array): Promise<void> {
    const { chunkRows } = this.#store;
    const chunk = Math.floor(index / chunkRows);
    const held = this.#held.get(chunk);
    if (!held && this.#checked[chunk] === 1 && (await this.#store.readRow(index, row))) return;
    const values = held ?? (await this.#load(chunk));
    const at = (index % chunkRows) * this.#size;
    row.set(values.subarray(at, at + this.#size));
  }

  /** A chunk's values, once for all simultaneous requests: read, or computed again if it is damaged or was deleted meanwhile. */
  #load(chunk: number): Promise<Float32Array> {
    return this.#loading.get(chunk) ?? this.#start(chunk);
  }

  #start(chunk: number): Promise<Float32Array> {
    const loading = this.#gate(async () => {
      const found = await traced("read activations", "cache", () => this.#store.read(chunk));
      if (found) this.#keep(chunk, found);
      return found ?? this.#repair(chunk);
    }).finally(() => this.#loading.delete(chunk));
    this.#loading.set(chunk, loading);
    return loading;
  }

  async #repair(chunk: number): Promise<Float32Array> {
    // The signal belongs to the work that opened the entry.
    for await (const { values } of computeChunks({ ...this.#options, signal: undefined }, this.#store, [chunk])) {
      await this.#write(chunk, values);
      return values;
    }
    throw new Error(`Chunk ${chunk} has no rows`);
  }

  async #write(chunk: number, values: Float32Array): Promise<void> {
    await traced("write activations", "cache", () => this.#store.write(chunk, values));
    this.#keep(chunk, values);
  }

  #keep(chunk: number, values: Float32Array): void {
    this.#checked[chunk] = 1;
    if (!this.#held.has(chunk) && this.#options.budget.reserve(values.byteLength)) this.#held.set(chunk, values);
  }
}
