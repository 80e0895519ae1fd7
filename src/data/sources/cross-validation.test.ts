// The split that fastai's get_cv_idxs makes. The permutations are numpy.random.seed(seed); numpy.random.permutation(n) of NumPy's legacy
// generator, which is frozen.

import { expect, test } from "vitest";
import { getCvIdxs, numpyPermutation } from "./cross-validation.ts";

test.each([
  [42, 10, [8, 1, 5, 0, 7, 2, 9, 4, 3, 6], 6],
  [42, 10222, [2882, 4514, 7717, 33, 4924, 532, 8028, 5860, 6054, 1543], 7270],
  [0, 7, [6, 2, 1, 3, 0, 5, 4], 4],
  [2 ** 32 - 1, 12, [11, 8, 5, 9, 1, 10, 6, 0, 4, 7], 3],
  [123, 100, [8, 70, 82, 28, 63, 0, 5, 50, 81, 4], 66],
])("the permutation of seed %i over %i rows is NumPy's", (seed, n, first, last) => {
  const order = numpyPermutation(n, seed);
  expect(order.slice(0, first.length)).toEqual(first);
  expect(order.at(-1)).toBe(last);
  expect([...order].sort((a, b) => a - b)).toEqual([...Array(n).keys()]);
});

test("a fifth of the rows is kept for validation, and the folds share no row", () => {
  expect(getCvIdxs(10)).toEqual([8, 1]);
  expect(getCvIdxs(10222)).toHaveLength(2044);
  const folds = [0, 1, 2, 3, 4].flatMap((cvIdx) => getCvIdxs(10, { cvIdx }));
  expect([...folds].sort((a, b) => a - b)).toEqual([...Array(10).keys()]);
  expect(getCvIdxs(10, { valPct: 0.3, seed: 0, cvIdx: 2 })).toHaveLength(3);
});

test("a fold that is not there is refused", () => {
  expect(() => getCvIdxs(10, { cvIdx: 5 })).toThrow("Expected a whole number from 0 to 4 for cvIdx but received 5");
  expect(() => getCvIdxs(10, { valPct: 1 })).toThrow("Expected a number between 0 and 1 for valPct but received 1");
  expect(() => getCvIdxs(10, { seed: -1 })).toThrow("Expected a whole number from 0 to 2³² − 1 for seed but received -1");
});
