// From a network's outputs to its predictions, by the kind of its targets: probabilities of classes or labels, or numbers in the units of
// the data. On the host: a few numbers per image do not justify a session.

/** How numbers were scaled for training: (value − mean)/std for each column. */
export interface Scale {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** The logistic function (Verhulst 1845), 1/(1 + exp(−x)), of each logit, as a new array. */
export function sigmoids(logits: Float32Array): Float32Array {
  return logits.map((x) => 1 / (1 + Math.exp(-x)));
}

/** `outputs` [rows, columns] in the units of the data, as a new array. */
export function unscale(outputs: Float32Array, { mean, std }: Scale): Float32Array {
  return outputs.map((x, i) => x * (std[i % std.length] as number) + (mean[i % mean.length] as number));
}

/** Below this share of its mean, a column's deviation is what rounding leaves of a constant. */
const ROUNDING = 1e-13;

/** Mean and standard deviation of each column of `rows`; for the deviation of a constant column 1, or a ten-thousandth of it if that is more. */
export function scaleOf(rows: readonly (readonly number[])[]): Scale {
  const columns = [...(rows[0] ?? []).keys()];
  const mean = columns.map((c) => rows.reduce((sum, row) => sum + row[c]! / rows.length, 0));
  const std = columns.map((c) => {
    const [center, deviation] = [
      Math.abs(mean[c]!),
      Math.sqrt(rows.reduce((sum, row) => sum + (row[c]! - mean[c]!) ** 2 / rows.length, 0)),
    ];
    return deviation > ROUNDING * center ? deviation : Math.max(1, center / 1e4);
  });
  return { mean, std };
}
