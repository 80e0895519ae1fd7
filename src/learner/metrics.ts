// What a set of predictions is worth.

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

/** Mean cross-entropy −log softmax(logits)[target] in nats. `logits` is [rows, classes]. */
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

/** Mean binary cross-entropy over all cells, in nats: softplus(x) − x · target. `logits` and `targets` (0 or 1) are [rows, classes]. */
export function binaryCrossEntropy(logits: Float32Array, targets: ArrayLike<number>): number {
  let total = 0;
  for (const [i, x] of logits.entries()) total += Math.max(x, 0) - x * targets[i]! + Math.log1p(Math.exp(-Math.abs(x)));
  return total / logits.length;
}

/** The share of cells where the probability being at least `threshold` is the target, in [0, 1]. Both are [rows, classes]. (fastai's accuracy_thresh.) */
export function accuracyThresh(probabilities: Float32Array, targets: ArrayLike<number>, threshold: number): number {
  return probabilities.reduce((right, p, i) => right + Number(p >= threshold === (targets[i] === 1)), 0) / probabilities.length;
}

/**
 * F-beta at `threshold`, the mean over the rows, in [0, 1]: (1 + β²)·TP / ((1 + β²)·TP + β²·FN + FP). A row with no label, where none is
 * predicted, counts 1. `probabilities` and `targets` (0 or 1) are [rows, classes].
 */
export function fBeta(probabilities: Float32Array, targets: ArrayLike<number>, classes: number, beta: number, threshold: number): number {
  const rows = probabilities.length / classes;
  let total = 0;
  for (let start = 0; start < probabilities.length; start += classes) {
    let [hits, missed, wrong] = [0, 0, 0];
    for (let i = start; i < start + classes; i++) {
      const predicted = probabilities[i]! >= threshold;
      if (targets[i] === 1) predicted ? hits++ : missed++;
      else if (predicted) wrong++;
    }
    const weighted = (1 + beta ** 2) * hits;
    total += hits + missed + wrong === 0 ? 1 : weighted / (weighted + beta ** 2 * missed + wrong);
  }
  return total / rows;
}

/** The best F2 of the thresholds 0.17, 0.18, … 0.23, with its threshold: the measure of the Planet competition in fastai's lesson 2. */
export function bestF2(probabilities: Float32Array, targets: ArrayLike<number>, classes: number): { f2: number; threshold: number } {
  const tried = [17, 18, 19, 20, 21, 22, 23].map((hundredth) => {
    const threshold = hundredth / 100;
    return { f2: fBeta(probabilities, targets, classes, 2, threshold), threshold };
  });
  return tried.reduce((a, b) => (b.f2 > a.f2 ? b : a));
}

/** Root mean squared error, mean absolute error and R² (1 − squared error / variance of the targets; NaN where they never differ) of one column. */
export function regressionErrors(values: ArrayLike<number>, targets: ArrayLike<number>): { rmse: number; mae: number; r2: number } {
  const n = targets.length;
  const [predicted, wanted] = [Array.from(values), Array.from(targets)];
  const mean = wanted.reduce((sum, y) => sum + y / n, 0);
  const squared = predicted.reduce((sum, y, i) => sum + (y - wanted[i]!) ** 2, 0);
  const absolute = predicted.reduce((sum, y, i) => sum + Math.abs(y - wanted[i]!), 0);
  const variance = wanted.reduce((sum, y) => sum + (y - mean) ** 2, 0);
  return { rmse: Math.sqrt(squared / n), mae: absolute / n, r2: variance === 0 ? Number.NaN : 1 - squared / variance };
}
