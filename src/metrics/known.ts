// How far feature vectors lie from those of the known classes: what tells a photograph of none of them where the probability does not, because
// a classifier may be as sure of what it has never seen.

import type { KnownClasses } from "../classifier/known.ts";
import { expected } from "../core/errors.ts";

export type { KnownClasses } from "../classifier/known.ts";

/** This share of the mean variance is added to each feature's, so that one that hardly varies does not decide alone. */
const SHRINKAGE = 0.1;

/**
 * The means and the shared variances of the classes of `features` [rows, width], for Mahalanobis distances (Lee et al. 2018) with a diagonal
 * covariance. Signed square roots make long-tailed activations closer to normal distributions. Throws a UsageError for a class without rows.
 */
export function fitKnownClasses(features: Float32Array, labels: ArrayLike<number>, classes: number): KnownClasses {
  const width = features.length / labels.length;
  const [means, counts] = [new Float64Array(classes * width), new Float64Array(classes)];
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row]!;
    counts[label]!++;
    for (let i = 0; i < width; i++) means[label * width + i]! += root(features[row * width + i]!);
  }
  const empty = counts.indexOf(0);
  if (empty >= 0) throw expected(`rows of class ${empty}`, "the labels", 0);
  for (let i = 0; i < means.length; i++) means[i]! /= counts[Math.floor(i / width)]!;
  const variances = new Float64Array(width);
  for (let row = 0; row < labels.length; row++)
    for (let i = 0; i < width; i++)
      variances[i]! += (root(features[row * width + i]!) - means[labels[row]! * width + i]!) ** 2 / labels.length;
  const added = (SHRINKAGE * variances.reduce((a, b) => a + b, 0)) / width || 1;
  return { means: Float32Array.from(means), precision: Float32Array.from(variances, (variance) => 1 / (variance + added)) };
}

/** The distance of each row of `features` [rows, width] to the nearest class: the root of the mean squared difference in deviations. */
export function distancesToKnown(features: Float32Array, { means, precision }: KnownClasses): Float64Array {
  const width = precision.length;
  return Float64Array.from({ length: features.length / width }, (_, row) => {
    const its = features.subarray(row * width, (row + 1) * width).map(root);
    let nearest = Number.POSITIVE_INFINITY;
    for (let start = 0; start < means.length; start += width) {
      let sum = 0;
      // Most classes are farther than the nearest so far after a few features.
      for (let i = 0; i < width && sum < nearest; )
        for (const end = Math.min(i + 32, width); i < end; i++) sum += (its[i]! - means[start + i]!) ** 2 * precision[i]!;
      nearest = Math.min(nearest, sum);
    }
    return Math.sqrt(nearest / width);
  });
}

/** The distance up to which the share `keep` of known images lies; take `distances` of images that the classes were not fitted to. */
export function fitDistanceLimit(distances: ArrayLike<number>, { keep = 0.95 }: { keep?: number } = {}): number {
  if (!(keep > 0 && keep <= 1)) throw expected("a number above 0 and at most 1", "keep", keep);
  if (distances.length === 0) throw expected("at least one distance", "the distances", 0);
  return Float64Array.from(distances).sort()[Math.ceil(keep * distances.length) - 1]!;
}

function root(value: number): number {
  return Math.sign(value) * Math.sqrt(Math.abs(value));
}
