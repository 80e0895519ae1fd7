// From a few training images, the ranges that a graph's values take, and how far its 8-bit form is from it.

import type { Tensor } from "../../core/tensor.ts";
import { GraphBuilder } from "../../graph/builder.ts";
import { quantizableValues, quantize, type ValueRange, type ValueStatistics } from "../../graph/quantize.ts";
import type { Graph, Value } from "../../graph/types.ts";
import type { SessionOptions } from "../../runtime/engine.ts";
import { openSession } from "../../runtime/session.ts";

export interface ActivationRanges extends Required<ValueStatistics> {
  /** `featureDifference` on the images set aside for checking. */
  readonly difference: number;
}

export interface RangeImages {
  /** Batches [n, ...] whose ranges are taken. */
  readonly observed: readonly Tensor[];
  /** Batches that the result is checked on. */
  readonly checked: readonly Tensor[];
}

/**
 * The parts of the images whose extremes may be clipped, of which the best is chosen. Clipping the strongest responses of a few images makes
 * the steps finer for all: half of them is best for MobileNetV2, none for SqueezeNet.
 */
const CLIPPED_PARTS = [0, 0.2, 0.5];

/**
 * Collects the ranges of the inference graph `graph`, from "input" to "output". They come from each image's extremes; as many of
 * these are clipped as brings the 8-bit features of the observed images closest.
 */
export async function collectRanges(graph: Graph, images: RangeImages, session: SessionOptions): Promise<ActivationRanges> {
  const { extremes, means } = await observe(graph, images.observed, session);
  const compared = images.observed.slice(0, Math.ceil(images.observed.length / 2));
  const both = [...compared, ...images.checked];
  const wanted = await outputs(graph, both, session);
  const trials: (ActivationRanges & { readonly onObserved: number })[] = [];
  for (const part of CLIPPED_PARTS) {
    const ranges = new Map([...extremes].map(([name, { lows, highs }]): [string, ValueRange] => [name, clippedRange(lows, highs, part)]));
    const found = await outputs(quantize(graph, { ranges, means }), both, session);
    const differenceFrom = (from: number, to?: number): number => featureDifference(wanted.slice(from, to), found.slice(from, to));
    trials.push({ ranges, means, difference: differenceFrom(compared.length), onObserved: differenceFrom(0, compared.length) });
  }
  const { ranges, difference } = trials.reduce((best, trial) => (trial.onObserved < best.onObserved ? trial : best));
  return { ranges, means, difference };
}

/**
 * How far `actual` is from `expected`, batches of [n, ...] in the same order: for each image the distance in relation to its distance from
 * the mean image, averaged over the images. 0 means equal; 1, also returned for no images, that nothing distinguishes the images any more.
 */
export function featureDifference(expected: readonly Tensor<"float32">[], actual: readonly Tensor<"float32">[]): number {
  const [before, after] = [rowsOf(expected), rowsOf(actual)];
  const mean = Float64Array.from(before[0] ?? [], (_, i) => before.reduce((sum, row) => sum + row[i]!, 0) / before.length);
  const differences = before.map((row, image) => {
    const other = after[image] as Float32Array;
    let [error, spread] = [0, 0];
    for (let i = 0; i < row.length; i++) {
      error += (row[i]! - other[i]!) ** 2;
      spread += (row[i]! - mean[i]!) ** 2;
    }
    if (error === 0) return 0;
    return spread === 0 ? 1 : Math.sqrt(error / spread);
  });
  return differences.length === 0 ? 1 : differences.reduce((a, b) => a + b, 0) / differences.length;
}

interface Extremes {
  /** One number for each image. */
  readonly lows: number[];
  readonly highs: number[];
}

interface Observed {
  readonly extremes: ReadonlyMap<string, Extremes>;
  readonly means: ReadonlyMap<string, readonly number[]>;
}

/** The extremes of every quantizable value in each image and the means of its channels over all, found by the engine itself. */
async function observe(graph: Graph, batches: readonly Tensor[], options: SessionOptions): Promise<Observed> {
  const builder = GraphBuilder.from(graph);
  const extremes = new Map<string, Extremes>(quantizableValues(graph).map((name) => [name, { lows: [], highs: [] }]));
  const results: Record<string, Value> = {};
  for (const name of extremes.keys()) {
    const value = builder.value(name);
    const axes = builder.ints(value.shape.slice(1).map((_, i) => i + 1));
    results[`lowest ${name}`] = builder.add("ReduceMin", [value, axes], { keepdims: 0 });
    results[`highest ${name}`] = builder.add("ReduceMax", [value, axes], { keepdims: 0 });
    if (value.shape.length === 4) results[`mean ${name}`] = builder.add("ReduceMean", [value, builder.ints([0, 2, 3])], { keepdims: 0 });
  }
  const session = await openSession(builder.build(results), { ...options, unplanned: true });
  const means = new Map<string, number[]>();
  const images = batches.reduce((sum, { shape }) => sum + (shape[0] as number), 0);
  try {
    for (const input of batches) {
      const share = (input.shape[0] as number) / images;
      const found = await session.run({ input });
      for (const [name, { lows, highs }] of extremes) {
        lows.push(...(found[`lowest ${name}`] as Tensor<"float32">).data);
        highs.push(...(found[`highest ${name}`] as Tensor<"float32">).data);
        const mean = found[`mean ${name}`] as Tensor<"float32"> | undefined;
        if (mean)
          means.set(
            name,
            Array.from(mean.data, (value, channel) => (means.get(name)?.[channel] ?? 0) + share * value),
          );
      }
    }
    return { extremes, means };
  } finally {
    await session.release();
  }
}

/** The range that all but `part` of the images stay below, and all but `part` above. */
function clippedRange(lows: readonly number[], highs: readonly number[], part: number): ValueRange {
  const at = Math.floor(part * lows.length);
  return [lows.toSorted((a, b) => a - b)[at] as number, highs.toSorted((a, b) => b - a)[at] as number];
}

async function outputs(graph: Graph, batches: readonly Tensor[], options: SessionOptions): Promise<readonly Tensor<"float32">[]> {
  const session = await openSession(graph, { ...options, unplanned: true });
  try {
    const results: Tensor<"float32">[] = [];
    for (const input of batches) {
      const { type, shape, data } = (await session.run({ input })).output as Tensor<"float32">;
      results.push({ type, shape, data: data.slice() });
    }
    return results;
  } finally {
    await session.release();
  }
}

function rowsOf(batches: readonly Tensor<"float32">[]): readonly Float32Array[] {
  return batches.flatMap(({ shape, data }) => {
    const count = shape[0] as number;
    const size = data.length / count;
    return Array.from({ length: count }, (_, i) => data.subarray(i * size, (i + 1) * size));
  });
}
