// Which rows of a table are held out for validation: NumPy's permutation of them, so that a split made with fastai can be reproduced.

import { mersenne } from "pure-rand/generator/mersenne";
import { expected } from "../../core/errors.ts";

export interface CvOptions {
  /** Which fold, from 0; default 0. */
  cvIdx?: number;
  /** Part of the rows in each fold, in (0, 1); default 0.2, which makes five folds. */
  valPct?: number;
  /** From 0 to 2³² − 1; default 42. */
  seed?: number;
}

/**
 * The indices of fold `cvIdx` among `n` rows: the numbers from cvIdx·k to (cvIdx + 1)·k of NumPy's permutation of them, where k is valPct·n
 * rounded down (fastai's get_cv_idxs). Throws a UsageError for a fold that is not there.
 */
export function getCvIdxs(n: number, { cvIdx = 0, valPct = 0.2, seed = 42 }: CvOptions = {}): number[] {
  if (!(valPct > 0 && valPct < 1)) throw expected("a number between 0 and 1", "valPct", valPct, "0.2 keeps a fifth for validation.");
  const count = Math.floor(valPct * n);
  const folds = Math.floor(1 / valPct);
  if (!Number.isInteger(cvIdx) || cvIdx < 0 || cvIdx >= folds)
    throw expected(`a whole number from 0 to ${folds - 1}`, "cvIdx", cvIdx, `There are ${folds} folds of ${valPct}.`);
  return numpyPermutation(n, seed).slice(cvIdx * count, (cvIdx + 1) * count);
}

/** The numbers from 0 to n − 1 in the order of `numpy.random.seed(seed); numpy.random.permutation(n)`. */
export function numpyPermutation(n: number, seed: number): number[] {
  if (!Number.isInteger(n) || n < 0) throw expected("a whole number", "the number of rows", n);
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) throw expected("a whole number from 0 to 2³² − 1", "seed", seed);
  const generator = mersenne(seed);
  const order = Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    // NumPy draws from 0 to i by cutting 32 bits to as many as i has, and again while that is too large.
    const mask = 0xffffffff >>> Math.clz32(i);
    let j: number;
    do j = (generator.next() & mask) >>> 0;
    while (j > i);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
