// Precision, recall and F-beta from counts: per class, by sample, macro, micro or weighted, by scikit-learn's definitions. Count first, then
// score, then average: mean(fBeta(countLabels(...), 1)) is macro F1, and fBeta(pooled(countLabels(...)), 1)[0] micro F1.

/** What happened to each group (class or row), all of the same length. */
export interface Counts {
  /** Predicted and right. */
  readonly hits: Float64Array;
  /** Predicted, right or wrong. */
  readonly predicted: Float64Array;
  /** Actual, predicted or not. */
  readonly actual: Float64Array;
}

/** Counts per class [classes] of predicted and true class indices [rows]. A class may be missing from either; indices below 0 count as none. */
export function countLabels(predicted: ArrayLike<number>, targets: ArrayLike<number>, classes: number): Counts {
  const counts = newCounts(classes);
  for (let row = 0; row < targets.length; row++) {
    const [guess, target] = [predicted[row]!, targets[row]!];
    if (guess >= 0) counts.predicted[guess]!++;
    if (target >= 0) counts.actual[target]!++;
    if (guess === target && guess >= 0) counts.hits[guess]!++;
  }
  return counts;
}

/** Counts per class [classes] of chosen and true labels, both [rows, classes] of 0 and 1. */
export function countCells(chosen: ArrayLike<number>, targets: ArrayLike<number>, classes: number): Counts {
  return count(chosen, targets, classes, (cell) => cell % classes);
}

/** Counts per row [rows] of chosen and true labels, both [rows, classes] of 0 and 1: their mean scores are "by sample". */
export function countRows(chosen: ArrayLike<number>, targets: ArrayLike<number>, classes: number): Counts {
  return count(chosen, targets, targets.length / classes, (cell) => Math.floor(cell / classes));
}

/** All groups as one [1], for micro averages. */
export function pooled({ hits, predicted, actual }: Counts): Counts {
  const sum = (values: Float64Array): Float64Array => Float64Array.of(values.reduce((a, b) => a + b, 0));
  return { hits: sum(hits), predicted: sum(predicted), actual: sum(actual) };
}

/**
 * The share of the predictions that are right, in [0, 1], for each group. `zeroDivision` (0, 1 or NaN; default 0, as in
 * scikit-learn) is the value of a group of which nothing was predicted.
 */
export function precision({ hits, predicted }: Counts, zeroDivision = 0): Float64Array {
  return hits.map((hit, i) => ratio(hit, predicted[i]!, zeroDivision));
}

/** The share of the actual ones that were predicted, in [0, 1], for each group. `zeroDivision` is the value of a group that never occurs. */
export function recall({ hits, actual }: Counts, zeroDivision = 0): Float64Array {
  return hits.map((hit, i) => ratio(hit, actual[i]!, zeroDivision));
}

/**
 * F-beta for each group, in [0, 1]: (1 + β²)·hits / (β²·actual + predicted) (van Rijsbergen 1979); `beta` 1 weighs precision and recall
 * alike, 2 recall more. `zeroDivision` is the value of a group that neither occurs nor is predicted.
 */
export function fBeta({ hits, predicted, actual }: Counts, beta: number, zeroDivision = 0): Float64Array {
  return hits.map((hit, i) => ratio((1 + beta ** 2) * hit, beta ** 2 * actual[i]! + predicted[i]!, zeroDivision));
}

/** The mean of the values that are numbers (macro); NaN if there are none. */
export function mean(values: ArrayLike<number>): number {
  return weightedMean(values, new Float64Array(values.length).fill(1));
}

/** The mean of the values that are numbers, each with its weight, such as a class's number of images; NaN if the weights sum to 0. */
export function weightedMean(values: ArrayLike<number>, weights: ArrayLike<number>): number {
  let [sum, total] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i]!)) continue;
    sum += values[i]! * weights[i]!;
    total += weights[i]!;
  }
  return sum / total;
}

function count(chosen: ArrayLike<number>, targets: ArrayLike<number>, groups: number, groupOf: (cell: number) => number): Counts {
  const counts = newCounts(groups);
  for (let cell = 0; cell < targets.length; cell++) {
    const group = groupOf(cell);
    if (chosen[cell]) counts.predicted[group]!++;
    if (targets[cell]) counts.actual[group]!++;
    if (chosen[cell] && targets[cell]) counts.hits[group]!++;
  }
  return counts;
}

function newCounts(groups: number): Counts {
  return { hits: new Float64Array(groups), predicted: new Float64Array(groups), actual: new Float64Array(groups) };
}

function ratio(a: number, b: number, zeroDivision: number): number {
  return b === 0 ? zeroDivision : a / b;
}
