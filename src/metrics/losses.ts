// Accuracy and cross-entropies of a set of predictions.

/** The index of each row's largest value; the first wins a tie. `values` is [rows, columns]. */
export function argmaxRows(values: Float32Array, columns: number): Int32Array {
  const result = new Int32Array(values.length / columns);
  for (let row = 0; row < result.length; row++) {
    let best = 0;
    for (let column = 1; column < columns; column++) if (values[row * columns + column]! > values[row * columns + best]!) best = column;
    result[row] = best;
  }
  return result;
}

/** The share of rows whose largest value is at the target, in [0, 1]. `values` is [rows, classes], probabilities or logits alike. */
export function accuracy(values: Float32Array, targets: Int32Array): number {
  const predicted = argmaxRows(values, values.length / targets.length);
  return predicted.reduce((right, label, i) => right + Number(label === targets[i]), 0) / targets.length;
}

/** Mean cross-entropy −log softmax(logits)[target] in nats, the logarithmic score (Good 1952). `logits` is [rows, classes]. */
export function crossEntropy(logits: Float32Array, targets: Int32Array): number {
  const classes = logits.length / targets.length;
  let total = 0;
  for (const [row, target] of targets.entries()) {
    const values = logits.subarray(row * classes, (row + 1) * classes);
    const maximum = values.reduce((a, b) => Math.max(a, b));
    total += Math.log(values.reduce((sum, value) => sum + Math.exp(value - maximum), 0)) + maximum - values[target]!;
  }
  return total / targets.length;
}

/**
 * Mean binary cross-entropy over all cells, in nats, as of logistic regression (Cox 1958): softplus(x) − x · target. `logits` and `targets` (0 or
 * 1) are [rows, classes].
 */
export function meanBinaryCrossEntropy(logits: Float32Array, targets: ArrayLike<number>): number {
  let total = 0;
  for (const [i, x] of logits.entries()) total += Math.max(x, 0) - x * targets[i]! + Math.log1p(Math.exp(-Math.abs(x)));
  return total / logits.length;
}
