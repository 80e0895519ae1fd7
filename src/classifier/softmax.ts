// Softmax over rows, on the host: a few numbers per image do not justify a session.

/** Softmax (Bridle 1990), exp(x − max) / Σ exp(x − max), of each row of `logits` [rows, classes], as a new array. */
export function softmaxRows(logits: Float32Array, classes: number): Float32Array {
  const result = new Float32Array(logits.length);
  const powers = new Float64Array(classes);
  for (let start = 0; start < logits.length; start += classes) {
    let maximum = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < classes; c++) maximum = Math.max(maximum, logits[start + c]!);
    let sum = 0;
    for (let c = 0; c < classes; c++) {
      powers[c] = Math.exp(logits[start + c]! - maximum);
      sum += powers[c]!;
    }
    for (let c = 0; c < classes; c++) result[start + c] = powers[c]! / sum;
  }
  return result;
}
