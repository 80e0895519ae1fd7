// How well scores rank right answers above wrong ones. Any scores that rise with confidence serve: logits or probabilities.

/**
 * The share of rows whose target is among the `k` largest values, in [0, 1]; of equal values the first counts as larger. `values` is
 * [rows, classes].
 */
export function topKAccuracy(values: Float32Array, targets: ArrayLike<number>, k: number): number {
  const classes = values.length / targets.length;
  let hits = 0;
  for (let row = 0; row < targets.length; row++) {
    const target = targets[row]!;
    const value = values[row * classes + target]!;
    let before = 0;
    for (let i = 0; i < classes; i++) {
      const other = values[row * classes + i]!;
      if (other > value || (other === value && i < target)) before++;
    }
    if (before < k) hits++;
  }
  return hits / targets.length;
}

/** The share of rows whose largest value is not at the target, in [0, 1]: 1 − accuracy. `values` is [rows, classes]. */
export function errorRate(values: Float32Array, targets: ArrayLike<number>): number {
  return 1 - topKAccuracy(values, targets, 1);
}

/**
 * The area under the ROC curve: the chance that a random positive scores above a random negative, ties counting half (Mann and Whitney
 * 1947), in [0, 1]. `scores` and `positive` (0 or 1) are [rows]. NaN if all are positive or all negative.
 */
export function rocAuc(scores: ArrayLike<number>, positive: ArrayLike<number>): number {
  const order = Uint32Array.from(scores, (_, i) => i).sort((a, b) => scores[a]! - scores[b]!);
  let [positives, pairs, negativesBelow] = [0, 0, 0];
  for (let start = 0, end = 0; start < order.length; start = end) {
    let [ups, downs] = [0, 0];
    for (; end < order.length && scores[order[end]!] === scores[order[start]!]; end++) positive[order[end]!] ? ups++ : downs++;
    pairs += ups * (negativesBelow + downs / 2);
    positives += ups;
    negativesBelow += downs;
  }
  return pairs / (positives * negativesBelow);
}

/**
 * The area under the ROC curve of each class against the rest [classes]; NaN for a class that no row has, or every row. `values` is [rows,
 * classes], `targets` class indices [rows]. The macro average is `mean` of it, which leaves those classes out.
 */
export function rocAucPerClass(values: Float32Array, targets: ArrayLike<number>): Float64Array {
  const classes = values.length / targets.length;
  return Float64Array.from({ length: classes }, (_, label) =>
    rocAuc(
      Float32Array.from(targets, (_, row) => values[row * classes + label]!),
      Uint8Array.from(targets, (target) => Number(target === label)),
    ),
  );
}

/** The same for rows with several labels: `targets` (0 or 1) is [rows, classes]. */
export function rocAucPerLabel(values: Float32Array, targets: ArrayLike<number>, classes: number): Float64Array {
  const rows = values.length / classes;
  const column = (from: ArrayLike<number>, label: number): Float32Array =>
    Float32Array.from({ length: rows }, (_, row) => from[row * classes + label]!);
  return Float64Array.from({ length: classes }, (_, label) => rocAuc(column(values, label), column(targets, label)));
}
