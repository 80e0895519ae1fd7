// Batches of pixels, decoded ahead by worker threads. What a batch holds depends on the order, the seed and the epoch, never on the
// workers.

import { pool } from "#load";
import { expected } from "../../core/errors.ts";
import type { Tensor } from "../../core/tensor.ts";
import type { TransformSpec } from "../augment/transforms.ts";
import type { Item, ScannedItem } from "../dataset/items.ts";
import { type PixelImage, RGB } from "../decode/image.ts";
import { type ImageFile, READS, withFile } from "./image-file.ts";
import { IN_HAND, limiter } from "./limiter.ts";
import { loadHere } from "./load-task.ts";
import { workAhead } from "./work-ahead.ts";

/** Images that a worker is given ahead, so that it need not wait for this thread while that computes. */
const QUEUED = 32;

/** An image that is missing from a batch: its index among the items, its name, and the reason in a few words ("truncated JPEG"). */
export interface FailedItem {
  readonly index: number;
  readonly name: string;
  readonly error: string;
}

/** Some images, ready for a network. */
export interface Batch {
  /** 8 bits, [n, size, size, channels]: RGB unless the transform says otherwise. */
  readonly pixels: Tensor<"uint8">;
  /** Which items these are, [n]; n is 0 if none of the batch could be read. */
  readonly indices: readonly number[];
  readonly failed: readonly FailedItem[];
}

export interface LoadBatchesOptions {
  /** An item with the hash of its file fails if the file has other bytes now. */
  readonly items: readonly (Item & Partial<Pick<ScannedItem, "hash" | "kept">>)[];
  readonly spec: TransformSpec;
  readonly batchSize: number;
  /** Indices of `items`, in the order wanted. */
  readonly order: readonly number[];
  readonly seed: number;
  readonly epoch: number;
  /** Names a stream of chance of its own; default "augment". */
  readonly purpose?: string;
  /** True if a last batch of one image would upset batch norm: it joins the batch before it. */
  readonly training?: boolean;
  /** Worker threads to keep busy; default: the number of cores. 0 loads in this thread. */
  readonly workers?: number;
  /** Batches to prepare ahead; default 2. */
  readonly prefetch?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Cuts `order` into batches of `batchSize`; in training a last batch of one joins the one before it. Throws for a batch size below 1. */
export function batchesOf(order: readonly number[], batchSize: number, { training = false }: { training?: boolean } = {}): number[][] {
  return [...slicesOf(order, batchSize, training)];
}

function slicesOf(order: readonly number[], batchSize: number, training: boolean): Iterable<number[]> {
  checkWhole(1, "the batch size", batchSize);
  return (function* () {
    for (let start = 0, end = 0; start < order.length; start = end) {
      end = start + batchSize;
      if (training && end + 1 === order.length) end++;
      yield order.slice(start, end);
    }
  })();
}

/** Ends the worker threads that read images; who reads some later starts new ones. A script that ends by itself does not need this. */
export function closePool(): Promise<void> {
  return pool.close();
}

function checkWhole(least: number, name: string, value: number): void {
  if (!Number.isInteger(value) || value < least) throw expected(`a whole number of at least ${least}`, name, value);
}

/**
 * Loads the images of `order` batch by batch, some batches ahead of who reads them: in memory are the batch in the reader's hands and
 * `prefetch` more. Leaving the loop early, or aborting `signal` (whose reason is thrown), stops the work. An image that cannot be read is
 * named in `failed`; if a worker thread ends in the middle of one (out of memory), an error names it.
 */
export function loadBatches(options: LoadBatchesOptions): AsyncGenerator<Batch, void, undefined> {
  const { order, batchSize, training = false, workers = pool.workers(), prefetch = 2, signal } = options;
  checkWhole(0, "the number of workers", workers);
  checkWhole(0, "the number of batches to prefetch", prefetch);
  const gates = { decode: limiter(workers === 0 ? IN_HAND : QUEUED * workers), read: limiter(READS) };
  return workAhead(
    slicesOf(order, batchSize, training),
    (indices, stopped) => loadBatch(options, indices, gates, stopped),
    prefetch,
    signal,
  );
}

async function loadBatch(
  options: LoadBatchesOptions,
  indices: readonly number[],
  gates: { readonly decode: ReturnType<typeof limiter>; readonly read: ReturnType<typeof limiter> },
  stopped: AbortSignal,
): Promise<Batch> {
  const { items, spec, seed, epoch, purpose = "augment", workers } = options;
  const load = workers === 0 ? loadHere : pool.load;
  const channels = spec.channels ?? RGB;
  const length = spec.size * spec.size * channels;
  const pixels = new Uint8Array(indices.length * length);
  const results = await Promise.all(
    indices.map(async (index, position) => {
      const item = items[index]!;
      const { name, hash, kept } = item;
      if (hash && (await kept?.read(hash, spec, pixels.subarray(position * length, (position + 1) * length)))) return undefined;
      const loadFrom = (image: ImageFile | PixelImage) =>
        gates.decode(async () => {
          stopped.throwIfAborted();
          return load({ name: item.file, image, spec, key: [seed, purpose, epoch, name], hash });
        });
      const readAndLoad = async () => {
        stopped.throwIfAborted();
        return withFile(item, loadFrom);
      };
      // What is not on this machine is waited for, not worked on: more are read at a time than are decoded.
      const result = await (item.image ? loadFrom(item.image) : item.read ? gates.read(readAndLoad) : withFile(item, loadFrom));
      if (!("error" in result)) pixels.set(result, position * length);
      return "error" in result ? { index, name, error: result.error } : undefined;
    }),
  );
  const failed = results.filter((result) => result !== undefined);
  const good = indices.filter((_, position) => !results[position]);
  if (failed.length > 0) closeGaps(pixels, length, results);
  return {
    pixels: { type: "uint8", shape: [good.length, spec.size, spec.size, channels], data: pixels.subarray(0, good.length * length) },
    indices: good,
    failed,
  };
}

function closeGaps(pixels: Uint8Array, length: number, results: readonly unknown[]): void {
  let to = 0;
  results.forEach((failure, position) => {
    if (failure) return;
    pixels.copyWithin(to, position * length, (position + 1) * length);
    to += length;
  });
}
