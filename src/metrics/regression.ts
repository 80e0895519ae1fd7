// How far predicted numbers are from the true ones. `values` and `targets` are [rows, columns], row by row; scores are the mean over the
// columns, as scikit-learn's "uniform_average".

/** Root of the mean squared error, in the targets' unit, 0 at best. */
export function rmse(values: ArrayLike<number>, targets: ArrayLike<number>, columns = 1): number {
  return overColumns(values, targets, columns, (p, y) => Math.sqrt(average(p, (value, i) => (value - y[i]!) ** 2)));
}

/** Mean absolute error, in the targets' unit, 0 at best. */
export function mae(values: ArrayLike<number>, targets: ArrayLike<number>, columns = 1): number {
  return overColumns(values, targets, columns, (p, y) => average(p, (value, i) => Math.abs(value - y[i]!)));
}

/**
 * The coefficient of determination (Wright 1921): 1 − squared error / squared deviation of the targets from their mean; 1 at best, 0 for always
 * predicting the mean. Targets that are all equal give 1 if they are met, else 0.
 */
export function r2(values: ArrayLike<number>, targets: ArrayLike<number>, columns = 1): number {
  return overColumns(values, targets, columns, (p, y) => {
    const centre = average(y, (value) => value);
    return explained(
      average(p, (value, i) => (value - y[i]!) ** 2),
      average(y, (value) => (value - centre) ** 2),
    );
  });
}

/** The share of the targets' variance that is explained: like R², but a constant offset of all predictions costs nothing. */
export function explainedVariance(values: ArrayLike<number>, targets: ArrayLike<number>, columns = 1): number {
  return overColumns(values, targets, columns, (p, y) => {
    const errors = p.map((value, i) => y[i]! - value);
    const [offset, centre] = [average(errors, (value) => value), average(y, (value) => value)];
    return explained(
      average(errors, (error) => (error - offset) ** 2),
      average(y, (value) => (value - centre) ** 2),
    );
  });
}

/** Root of the mean squared share by which e to the power of the predictions misses e to the power of the targets: fastai's exp_rmspe, for targets that are logarithms. */
export function expRmspe(values: ArrayLike<number>, targets: ArrayLike<number>, columns = 1): number {
  return overColumns(values, targets, columns, (p, y) => Math.sqrt(average(p, (value, i) => (1 - Math.exp(value - y[i]!)) ** 2)));
}

function explained(error: number, variance: number): number {
  if (variance === 0) return error === 0 ? 1 : 0;
  return 1 - error / variance;
}

function overColumns(
  values: ArrayLike<number>,
  targets: ArrayLike<number>,
  columns: number,
  score: (predicted: Float64Array, wanted: Float64Array) => number,
): number {
  const rows = targets.length / columns;
  const column = (from: ArrayLike<number>, at: number): Float64Array =>
    Float64Array.from({ length: rows }, (_, row) => from[row * columns + at]!);
  let total = 0;
  for (let at = 0; at < columns; at++) total += score(column(values, at), column(targets, at));
  return total / columns;
}

function average(values: Float64Array, of: (value: number, index: number) => number): number {
  return values.reduce((sum, value, i) => sum + of(value, i), 0) / values.length;
}
