// Nearest neighbours in feature space, by cosine: near duplicates and outliers.

import type { WorkOptions } from "../core/progress.ts";
import type { Tensor } from "../core/tensor.ts";
import { GraphBuilder } from "../graph/builder.ts";
import { product } from "../graph/product.ts";
import type { SessionOptions } from "../runtime/engine.ts";
import { openSession } from "../runtime/session.ts";

/** The `count` nearest other rows of each row, the nearest first. */
export interface Neighbours {
  readonly count: number;
  /** [rows, count]. */
  readonly indices: Int32Array;
  /** Cosines, in [−1, 1]: 1 is the same direction. [rows, count]. */
  readonly similarities: Float32Array;
}

export interface NeighbourOptions extends Pick<WorkOptions, "onProgress" | "signal"> {
  readonly session?: SessionOptions;
}

/** Rows per block of similarities. */
const BLOCK = 256;

/** The neighbours of each row of `values` [rows, width], by products of blocks: time is quadratic in the rows, memory linear. */
export async function nearestNeighbours(
  values: Float32Array,
  width: number,
  count = 20,
  { session = {}, onProgress, signal }: NeighbourOptions = {},
): Promise<Neighbours> {
  const rows = values.length / width;
  const kept = Math.min(count, rows - 1);
  const unit = unitRows(values, width);
  const graph = new GraphBuilder();
  const block = graph.input("block", "float32", ["rows", width]);
  const all = graph.constant({ type: "float32", shape: [rows, width], data: unit }, "all");
  const similar = product(graph, block, all, { transB: true });
  const compiled = await openSession(graph.build({ similarities: similar }), { ...session, name: "similarities" });
  const [indices, similarities] = [new Int32Array(rows * kept), new Float32Array(rows * kept)];
  try {
    for (let start = 0; start < rows; start += BLOCK) {
      signal?.throwIfAborted();
      const end = Math.min(rows, start + BLOCK);
      const feed: Tensor = { type: "float32", shape: [end - start, width], data: unit.slice(start * width, end * width) };
      const result = (await compiled.run({ block: feed })).similarities?.data as Float32Array;
      for (let row = start; row < end; row++) {
        const line = result.subarray((row - start) * rows, (row - start + 1) * rows);
        line[row] = Number.NEGATIVE_INFINITY;
        keepLargest(line, indices.subarray(row * kept, (row + 1) * kept), similarities.subarray(row * kept, (row + 1) * kept));
      }
      onProgress?.({ task: "Finding the most similar images", done: end, total: rows, unit: "images" });
    }
  } finally {
    await compiled.release();
  }
  return { count: kept, indices, similarities };
}

/** Writes the largest values of `line` and their positions to `best` and `places`, in descending order, by insertion. */
function keepLargest(line: Float32Array, places: Int32Array, best: Float32Array): void {
  best.fill(Number.NEGATIVE_INFINITY);
  const last = best.length - 1;
  for (let i = 0; i < line.length; i++) {
    const value = line[i]!;
    if (!(value > best[last]!)) continue;
    let at = last;
    for (; at > 0 && best[at - 1]! < value; at--) {
      best[at] = best[at - 1]!;
      places[at] = places[at - 1]!;
    }
    best[at] = value;
    places[at] = i;
  }
}

/** Each row divided by its length; rows of length 0 are unchanged. */
function unitRows(values: Float32Array, width: number): Float32Array {
  const unit = new Float32Array(values.length);
  for (let start = 0; start < values.length; start += width) {
    let square = 0;
    for (let i = start; i < start + width; i++) square += values[i]! ** 2;
    const scale = square > 0 ? 1 / Math.sqrt(square) : 0;
    for (let i = start; i < start + width; i++) unit[i] = values[i]! * scale;
  }
  return unit;
}

/** Two similar rows and their similarity. */
export interface NearPair {
  readonly a: number;
  readonly b: number;
  readonly similarity: number;
}

/** Each pair with a similarity of at least `least` once, the most similar first. */
export function nearPairs({ count, indices, similarities }: Neighbours, least: number): readonly NearPair[] {
  const pairs = new Map<string, NearPair>();
  for (const [i, similarity] of similarities.entries()) {
    if (similarity < least) continue;
    const [a, b] = [Math.floor(i / count), indices[i]!].sort((x, y) => x - y) as [number, number];
    pairs.set(`${a} ${b}`, { a, b, similarity });
  }
  return [...pairs.values()].sort((x, y) => y.similarity - x.similarity);
}

/** A row and the mean distance (1 − cosine) to its neighbours. */
export interface RowDistance {
  readonly index: number;
  readonly distance: number;
}

/** All rows, those farthest from their neighbours first: outliers (Ramaswamy, Rastogi and Shim 2000, with the mean distance). */
export function rankOutliers({ count, similarities }: Neighbours): readonly RowDistance[] {
  return Array.from({ length: count === 0 ? 0 : similarities.length / count }, (_, index) => {
    let sum = 0;
    for (let i = index * count; i < (index + 1) * count; i++) sum += 1 - similarities[i]!;
    return { index, distance: sum / count };
  }).sort((a, b) => b.distance - a.distance);
}

/** A neighbour that is less similar than the nearest by d has the weight exp(−SHARPNESS·d) (Wu et al. 2018, with τ = 1/SHARPNESS). */
const SHARPNESS = 10;

/** The weighted votes of each row's neighbours as probabilities [rows, classes]: the nearest count most. */
export function neighbourVotes({ count, indices, similarities }: Neighbours, labels: ArrayLike<number>, classes: number): Float32Array {
  const votes = new Float32Array(labels.length * classes);
  for (let row = 0; row < labels.length; row++) {
    const nearest = similarities[row * count] ?? 0;
    let total = 0;
    for (let i = row * count; i < (row + 1) * count; i++) {
      const weight = Math.exp(SHARPNESS * (similarities[i]! - nearest));
      votes[row * classes + labels[indices[i]!]!]! += weight;
      total += weight;
    }
    for (let label = 0; label < classes; label++) votes[row * classes + label]! /= total;
  }
  return votes;
}
