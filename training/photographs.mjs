// The photographs that the backbone is distilled on, and the batches they are drawn in. A batch depends on the settings, the seed and its
// number alone, so a run that is resumed goes on as if it had not been interrupted.

import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { randomStream } from "../dist/core/random.js";
import { loadBatches } from "../dist/data/load/loader.js";

/**
 * @typedef {import("../dist/data/dataset/items.js").Item} Item
 * @typedef {import("../dist/data/augment/transforms.js").TransformSpec} TransformSpec
 * @typedef {{ folder: string, perBatch: number, leaveOut: string[], transform: Omit<TransformSpec, "size"> }} Source
 */

/**
 * The photographs of each source under `root`, in the order of their names, without those whose bytes are also in one of `judged`.
 * @param {readonly Source[]} sources
 * @param {string} root
 * @param {readonly string[]} judged folders of the data that the backbone is judged on
 */
export async function listPhotographs(sources, root, judged) {
  const seen = new Set();
  // A file of another length is another file: only those of the same length are read.
  const lengths = new Set();
  for (const folder of judged) {
    for (const file of await imagesIn(folder)) {
      seen.add(await hashOf(file));
      lengths.add((await stat(file)).size);
    }
  }
  const lists = [];
  for (const { folder, leaveOut } of sources) {
    const names = (await imagesIn(join(root, folder))).map((file) => relative(root, file));
    const wanted = names.filter((name) => !leaveOut.some((part) => name.includes(part)));
    /** @type {Item[]} */
    const items = [];
    for (const name of wanted) {
      const file = join(root, name);
      const mayBeJudged = lengths.has((await stat(file)).size);
      if (!mayBeJudged || !seen.has(await hashOf(file))) items.push({ file, name, label: -1 });
    }
    lists.push({ folder, items, leftOut: names.length - wanted.length, judged: wanted.length - items.length });
  }
  return lists;
}

/**
 * Batches without end, from the one numbered `first` on: uint8 pixels [batch, size, size, 3], `perBatch` of each source, which is gone through
 * in a new order each time round.
 * @param {readonly { source: Source, items: readonly Item[] }[]} parts
 * @param {{ size: number, seed: number, purpose: string, first?: number }} options
 */
export async function* mixedBatches(parts, options) {
  const streams = parts.map(({ source, items }) => sourceBatches(source, items, options));
  for (;;) {
    const batches = [];
    for (const stream of streams) batches.push((await stream.next()).value);
    const count = batches.reduce((sum, { shape }) => sum + shape[0], 0);
    const data = new Uint8Array(batches.reduce((sum, batch) => sum + batch.data.length, 0));
    let at = 0;
    for (const batch of batches) {
      data.set(batch.data, at);
      at += batch.data.length;
    }
    yield { type: /** @type {const} */ ("uint8"), shape: [count, options.size, options.size, 3], data };
  }
}

/**
 * @param {Source} source
 * @param {readonly Item[]} items
 * @param {{ size: number, seed: number, purpose: string, first?: number }} options
 * @returns {AsyncGenerator<import("../dist/core/tensor.js").Tensor<"uint8">, never>}
 */
async function* sourceBatches({ folder, perBatch, transform }, items, { size, seed, purpose, first = 0 }) {
  const perRound = Math.floor(items.length / perBatch);
  for (let round = Math.floor(first / perRound), skip = first % perRound; ; round++, skip = 0) {
    const order = randomStream(seed, purpose, "order", folder, round).shuffle([...items.keys()]);
    const loaded = loadBatches({
      items,
      spec: { ...transform, size },
      batchSize: perBatch,
      order: order.slice(skip * perBatch, perRound * perBatch),
      seed,
      epoch: round,
      purpose,
    });
    for await (const { pixels, failed } of loaded) {
      if (failed.length > 0) throw new Error(`${failed[0]?.name} cannot be read: ${failed[0]?.error}`);
      yield pixels;
    }
  }
}

/** @param {string} folder */
async function imagesIn(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && /\.jpe?g$/i.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** @param {string} file */
async function hashOf(file) {
  return createHash("sha256")
    .update(await readFile(file))
    .digest("hex");
}
