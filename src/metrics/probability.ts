// How reliable probabilities are: proper scores, and the gap between confidence and accuracy.

import { argmaxRows } from "./losses.ts";

// The distance from 1 to the next smaller and larger number of 32 bits: scikit-learn's clip for such probabilities.
const EPSILON = 2 ** -23;

/** Mean −log of the target's probability, in nats, 0 at best; probabilities are clipped to [2⁻²³, 1 − 2⁻²³]. `probabilities` is [rows, classes]. */
export function logLoss(probabilities: Float32Array, targets: ArrayLike<number>): number {
  const classes = probabilities.length / targets.length;
  let total = 0;
  for (let row = 0; row < targets.length; row++) {
    const probability = probabilities[row * classes + targets[row]!]!;
    total -= Math.log(Math.min(1 - EPSILON, Math.max(EPSILON, probability)));
  }
  return total / targets.length;
}

/**
 * Mean squared distance of the probabilities from the truth, summed over the classes, in [0, 2], 0 at best (Brier 1950). With two classes
 * it is twice the score of one of them, which is often given. `probabilities` is [rows, classes].
 */
export function brierScore(probabilities: Float32Array, targets: ArrayLike<number>): number {
  const classes = probabilities.length / targets.length;
  let total = 0;
  for (const [i, probability] of probabilities.entries()) {
    const truth = Number(i % classes === targets[Math.floor(i / classes)]);
    total += (probability - truth) ** 2;
  }
  return total / targets.length;
}

/** The rows whose confidence lies in one part of [0, 1]. */
export interface CalibrationBin {
  readonly count: number;
  /** Mean probability of the predicted class; NaN if the bin is empty, like the accuracy. */
  readonly confidence: number;
  readonly accuracy: number;
}

/**
 * Confidence and accuracy in `bins` equally wide parts of [0, 1], each with its upper end: a reliability diagram. `probabilities` is [rows,
 * classes].
 */
export function calibrationBins(probabilities: Float32Array, targets: ArrayLike<number>, bins = 15): CalibrationBin[] {
  const classes = probabilities.length / targets.length;
  const sums = Array.from({ length: bins }, () => ({ count: 0, confidence: 0, right: 0 }));
  for (const [row, label] of argmaxRows(probabilities, classes).entries()) {
    const confidence = probabilities[row * classes + label]!;
    const bin = sums[Math.min(bins - 1, Math.max(0, Math.ceil(confidence * bins) - 1))]!;
    bin.count++;
    bin.confidence += confidence;
    bin.right += Number(label === targets[row]);
  }
  return sums.map(({ count, confidence, right }) => ({ count, confidence: confidence / count, accuracy: right / count }));
}

/**
 * The expected calibration error in [0, 1]: the gap between confidence and accuracy, averaged over the bins by their rows (Naeini, Cooper and
 * Hauskrecht 2015; Guo et al. 2017 with 15 bins). `probabilities` is [rows, classes].
 */
export function calibrationError(probabilities: Float32Array, targets: ArrayLike<number>, bins = 15): number {
  return calibrationBins(probabilities, targets, bins).reduce(
    (sum, { count, confidence, accuracy }) => sum + (count > 0 ? (count * Math.abs(confidence - accuracy)) / targets.length : 0),
    0,
  );
}
