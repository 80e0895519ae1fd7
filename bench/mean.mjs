// Means of what was measured several times.

export function mean(values) {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

/** The mean of `values` and the deviation of a sample; 0 of one value. */
export function meanAndDeviation(values) {
  const middle = mean(values);
  return [middle, Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / Math.max(1, values.length - 1))];
}
