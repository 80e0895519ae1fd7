// The body's features: one vector per image, at the cut before the head, from the cache that precompute fills.

import { storage } from "#storage";
import type { WorkOptions } from "../core/progress.ts";
import type { Store } from "../core/store/store.ts";
import { storeOf } from "../core/store/store-of.ts";
import type { ScannedItem } from "../data/dataset/items.ts";
import type { Share } from "../learner/frozen/cache/open.ts";
import { DataPath } from "../learner/frozen/data-path.ts";
import type { Precision } from "../learner/frozen/precision.ts";
import type { ConvLearner } from "../learner/learner.ts";
import { standardize } from "../learner/probe/standardize.ts";
import type { SessionOptions } from "../runtime/engine.ts";

/** The feature vectors of a data set's images. */
export interface Features {
  /** Training images, then validation images. */
  readonly items: readonly ScannedItem[];
  /** Length of a vector. */
  readonly width: number;
  /** [items, width], row by row. */
  readonly values: Float32Array;
}

export interface FeatureOptions extends WorkOptions {
  /** Folder or store for activations; default ".thaw" beside the data's folder. */
  cache?: string | Store | undefined;
  session?: SessionOptions;
  /** That of the training images' features; default "fp32". With the precision that a learner trained in, those that it cached are used. */
  precision?: Precision | undefined;
}

/** Activations that were stored. */
export interface StoredFeatures {
  /** Training images, and validation images. */
  readonly images: readonly [train: number, valid: number];
  /** Elements of the activation of an image. */
  readonly width: number;
}

/**
 * Computes what `featuresOf` reads, or a share of it, as several processes do at once with the same cache, and stores it there. What is there
 * already is not computed again.
 */
export async function storeFeatures(
  learner: ConvLearner,
  { cache, session = {}, precision = "fp32", share, ...work }: FeatureOptions & { share?: Share | undefined } = {},
): Promise<StoredFeatures> {
  const { network, parameters, data, seed } = learner;
  const path = new DataPath({ network, data, seed, session, cache: storeOf(cache ?? storage.cacheFor(data.path)), precision, share });
  try {
    const frozen = await path.open(network.groups - 1, parameters);
    const [train, valid] = [await path.trainingActivations(frozen, work), await path.activations("valid", work)];
    return { images: [train.count, valid.count], width: frozen.itemShape.reduce((a, b) => a * b, 1) };
  } finally {
    await path.release();
  }
}

/** The features of all training and validation images of `learner` under its body's current weights; those of validation images in full precision. */
export async function featuresOf(
  learner: ConvLearner,
  { cache, session = {}, precision = "fp32", ...work }: FeatureOptions = {},
): Promise<Features> {
  const { network, parameters, data, seed } = learner;
  const store = storeOf(cache ?? storage.cacheFor(data.path));
  const path = new DataPath({ network, data, seed, session, cache: store, precision });
  try {
    const frozen = await path.open(network.groups - 1, parameters);
    const [train, valid] = [await path.trainingActivations(frozen, work), await path.activations("valid", work)];
    const width = frozen.itemShape.reduce((a, b) => a * b, 1);
    const values = new Float32Array((train.count + valid.count) * width);
    let at = 0;
    for (const part of [train, valid]) {
      values.set((await part.rows(Array.from({ length: part.count }, (_, i) => i))).data, at);
      at += part.count * width;
    }
    return { items: [...data.train, ...data.valid], width, values };
  } finally {
    await path.release();
  }
}

/**
 * The square roots of features [rows, width], with their signs, each column with mean 0 and deviation 1: activations have long tails, and their
 * roots are closer to normal distributions, for which distances are more informative.
 */
export function standardizedRoots(values: Float32Array, width: number): Float32Array {
  return standardize(
    values.map((value) => Math.sign(value) * Math.sqrt(Math.abs(value))),
    width,
  ).values;
}
