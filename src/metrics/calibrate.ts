// Two numbers, fitted on validation, that calibrate a classifier's answers: a temperature, after which confidence agrees with accuracy, and a
// threshold below which it says "none of these".

import { expected } from "../core/errors.ts";
import { argmaxRows } from "./losses.ts";

/** The bounds of the fitted temperature: if every row is right, or none, the best would be 0 or infinite. */
export const TEMPERATURES: readonly [number, number] = [0.05, 20];

const STEPS = 60;

/**
 * The temperature T in TEMPERATURES for which softmax(logits / T) has the least cross-entropy (Guo et al. 2017). Classes and their order
 * stay the same; above 1 the classifier was overconfident. `spread`, in [0, 1), is the share of each target that is spread evenly over the
 * classes: with 1 / (rows + 1), as if there were one more row of which nothing is known, few rows that are all right do not make the
 * classifier sure of everything (after Platt 1999). `logits` is [rows, classes]; throws if there are no rows.
 */
export function fitTemperature(logits: Float32Array, targets: ArrayLike<number>, { spread = 0 }: { spread?: number } = {}): number {
  if (targets.length === 0) throw expected("at least one row", "the targets", 0);
  if (!(spread >= 0 && spread < 1)) throw expected("a number of at least 0 and below 1", "spread", spread);
  // The loss is convex in the inverse temperature, so its slope has one zero: Newton's steps, and bisection if they would leave the bracket.
  let [low, high] = [1 / TEMPERATURES[1], 1 / TEMPERATURES[0]];
  if (slopeAt(logits, targets, high, spread).slope < 0) return 1 / high;
  if (slopeAt(logits, targets, low, spread).slope > 0) return 1 / low;
  let inverse = 1;
  for (let step = 0; step < STEPS && high - low > 1e-9 * high; step++) {
    const { slope, curvature } = slopeAt(logits, targets, inverse, spread);
    // Also if the temperature makes no difference.
    if (slope === 0) break;
    if (slope > 0) high = inverse;
    else low = inverse;
    const next = inverse - slope / curvature;
    const moved = next > low && next < high ? next : (low + high) / 2;
    if (Math.abs(moved - inverse) < 1e-10 * inverse) break;
    inverse = moved;
  }
  return 1 / inverse;
}

/** The logits divided by a temperature above 0. */
export function withTemperature(logits: Float32Array, temperature: number): Float32Array {
  if (!(temperature > 0)) throw expected("a number above 0", "the temperature", temperature);
  return logits.map((logit) => logit / temperature);
}

/** A threshold for "none of these", and what it does to the images that it was fitted on. */
export interface Rejection {
  /** An image whose highest probability is below this gets no answer. */
  readonly threshold: number;
  /** The share of images that still get an answer, in [0, 1]. */
  readonly answered: number;
  /** The share of those answers that are right, in [0, 1]. */
  readonly accuracy: number;
}

/**
 * The largest threshold on the highest probability that still answers the share `keep` of the images that were classified correctly: what is
 * of no known class tends to lie below it (Hendrycks and Gimpel 2017). It guarantees nothing for such images; look at some. Fit the
 * temperature first. `probabilities` is [rows, classes]; throws if no row is right.
 */
export function fitRejection(probabilities: Float32Array, targets: ArrayLike<number>, { keep = 0.95 }: { keep?: number } = {}): Rejection {
  if (!(keep > 0 && keep <= 1)) throw expected("a number above 0 and at most 1", "keep", keep);
  const classes = probabilities.length / targets.length;
  const predicted = argmaxRows(probabilities, classes);
  const confidences = Float64Array.from(predicted, (label, row) => probabilities[row * classes + label]!);
  const right = confidences.filter((_, row) => predicted[row] === targets[row]).sort();
  if (right.length === 0) throw expected("at least one image that is classified rightly", "the probabilities", "none");
  const threshold = right[right.length - Math.ceil(keep * right.length)]!;
  const answered = confidences.filter((confidence) => confidence >= threshold).length;
  return {
    threshold,
    answered: answered / targets.length,
    accuracy: right.filter((confidence) => confidence >= threshold).length / answered,
  };
}

/** The class of each row [rows], −1 ("none of these") if its probability is below the threshold. `probabilities` is [rows, classes]. */
export function classesOrNone(probabilities: Float32Array, classes: number, threshold: number): Int32Array {
  return argmaxRows(probabilities, classes).map((label, row) => (probabilities[row * classes + label]! >= threshold ? label : -1));
}

/**
 * First and second derivative of the mean cross-entropy by the inverse temperature: E[Σ p·z − z_target] and E[Σ p·z² − (Σ p·z)²], as the
 * log-partition function of an exponential family has the mean and the variance for derivatives (Wainwright and Jordan 2008).
 */
function slopeAt(logits: Float32Array, targets: ArrayLike<number>, inverse: number, spread: number): { slope: number; curvature: number } {
  const classes = logits.length / targets.length;
  let [slope, curvature] = [0, 0];
  for (let row = 0; row < targets.length; row++) {
    const start = row * classes;
    let maximum = Number.NEGATIVE_INFINITY;
    for (let i = start; i < start + classes; i++) maximum = Math.max(maximum, logits[i]!);
    let [sum, first, second, all] = [0, 0, 0, 0];
    for (let i = start; i < start + classes; i++) {
      const z = logits[i]! - maximum;
      const weight = Math.exp(inverse * z);
      sum += weight;
      all += z;
      first += weight * z;
      second += weight * z * z;
    }
    const centre = first / sum;
    slope += centre - (1 - spread) * (logits[start + targets[row]!]! - maximum) - (spread * all) / classes;
    curvature += second / sum - centre ** 2;
  }
  return { slope: slope / targets.length, curvature: curvature / targets.length };
}
