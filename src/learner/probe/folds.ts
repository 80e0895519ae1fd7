// Folds of a data set's rows, for measuring on rows that were not fitted.

import { randomStream } from "../../core/random.ts";

/** The fold of each row, so that every class is spread evenly over the folds. */
export function drawFolds(labels: ArrayLike<number>, folds: number, seed: number): Int32Array {
  const order = randomStream(seed, "folds").shuffle(Array.from({ length: labels.length }, (_, row) => row));
  const dealt = new Map<number, number>();
  const fold = new Int32Array(labels.length);
  // Classes begin at different folds: otherwise the first folds would get every class's remainder.
  for (const row of order) {
    const count = dealt.get(labels[row]!) ?? labels[row]!;
    fold[row] = count % folds;
    dealt.set(labels[row]!, count + 1);
  }
  return fold;
}
