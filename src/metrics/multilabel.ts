// Several labels per image: from probabilities to chosen labels, how right they are, and the thresholds that choose best.

import { expected } from "../core/errors.ts";
import { countCells, countRows, fBeta, mean } from "./counts.ts";

/**
 * The labels whose probability is at least the threshold, as 0 and 1, [rows, classes] like `probabilities`. One threshold for all, or one
 * for each class [classes].
 */
export function chooseLabels(probabilities: Float32Array, classes: number, thresholds: number | ArrayLike<number>): Uint8Array {
  const of = typeof thresholds === "number" ? new Float64Array(classes).fill(thresholds) : thresholds;
  if (of.length !== classes) throw expected(`${classes} numbers, one for each class,`, "thresholds", `${of.length} of them`);
  return Uint8Array.from(probabilities, (probability, i) => Number(probability >= of[i % classes]!));
}

/** The share of cells that are right, in [0, 1]: 1 − Hamming loss. Both are [rows, classes] of 0 and 1. */
export function cellAccuracy(chosen: ArrayLike<number>, targets: ArrayLike<number>): number {
  let right = 0;
  for (let i = 0; i < targets.length; i++) right += Number(Boolean(chosen[i]) === Boolean(targets[i]));
  return right / targets.length;
}

/** The share of rows of which every label is right, in [0, 1]. Both are [rows, classes] of 0 and 1. */
export function exactMatch(chosen: ArrayLike<number>, targets: ArrayLike<number>, classes: number): number {
  const { hits, predicted, actual } = countRows(chosen, targets, classes);
  return mean(hits.map((hit, row) => Number(hit === predicted[row] && hit === actual[row])));
}

/** A threshold and what it reaches. */
export interface FoundThreshold {
  readonly threshold: number;
  readonly score: number;
}

/** The thresholds that fastai's Planet lesson tries: 0.17, 0.18, … 0.23. */
export const PLANET_THRESHOLDS: readonly number[] = Array.from({ length: 7 }, (_, i) => (17 + i) / 100);

/** 0.01, 0.02, … 0.99. */
export const HUNDREDTHS: readonly number[] = Array.from({ length: 99 }, (_, i) => (i + 1) / 100);

/**
 * The one threshold, of those tried, with the best mean F-beta by sample (fastai's opt_th; beta 2 as there); of equals the smallest.
 * `probabilities` and `targets` (0 or 1) are [rows, classes]. Fit it on validation; what it reaches there flatters a little.
 */
export function findThreshold(
  probabilities: Float32Array,
  targets: ArrayLike<number>,
  classes: number,
  { beta = 2, thresholds = HUNDREDTHS }: { beta?: number; thresholds?: readonly number[] } = {},
): FoundThreshold {
  const tried = thresholds.map((threshold) => {
    const chosen = chooseLabels(probabilities, classes, threshold);
    return { threshold, score: mean(fBeta(countRows(chosen, targets, classes), beta)) };
  });
  if (tried.length === 0) throw expected("at least one number", "thresholds", thresholds);
  return tried.reduce((best, next) => (next.score > best.score ? next : best));
}

/**
 * For each class the threshold with its best F-beta, in the middle between two probabilities that occur; 0.5 for a class that no row has.
 * `probabilities` and `targets` (0 or 1) are [rows, classes]. With few positives of a class it is a guess: prefer one threshold for all.
 */
export function findThresholdPerClass(
  probabilities: Float32Array,
  targets: ArrayLike<number>,
  classes: number,
  { beta = 2 }: { beta?: number } = {},
): FoundThreshold[] {
  const { actual } = countCells(targets, targets, classes);
  return Array.from({ length: classes }, (_, label) => bestCut(probabilities, targets, classes, label, actual[label]!, beta));
}

function bestCut(
  probabilities: Float32Array,
  targets: ArrayLike<number>,
  classes: number,
  label: number,
  actual: number,
  beta: number,
): FoundThreshold {
  let best: FoundThreshold = { threshold: 0.5, score: 0 };
  if (actual === 0) return best;
  const cells = Array.from({ length: probabilities.length / classes }, (_, row) => row * classes + label);
  cells.sort((a, b) => probabilities[b]! - probabilities[a]!);
  let hits = 0;
  for (const [i, cell] of cells.entries()) {
    hits += Number(Boolean(targets[cell]));
    const [here, next] = [probabilities[cell]!, i + 1 < cells.length ? probabilities[cells[i + 1]!]! : 0];
    const score = ((1 + beta ** 2) * hits) / (beta ** 2 * actual + i + 1);
    if (here !== next && score > best.score) best = { threshold: (here + next) / 2, score };
  }
  return best;
}
