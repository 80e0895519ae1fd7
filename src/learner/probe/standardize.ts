// Features on one scale: each column minus its mean, divided by its standard deviation.

/** Deviations whose square is below this are rounding, not information. */
const LEAST_VARIANCE = 1e-12;

export interface Standardized {
  /** [rows, width]; constant columns are 0. */
  readonly values: Float32Array;
  /** Of each column. */
  readonly mean: Float64Array;
  /** What each column was multiplied by: 1/σ, or 0 if it is constant. */
  readonly scale: Float64Array;
}

/** The columns of `values` [rows, width] with mean 0 and deviation 1. */
export function standardize(values: Float32Array, width: number): Standardized {
  const rows = values.length / width;
  const [mean, scale] = [new Float64Array(width), new Float64Array(width)];
  for (let start = 0; start < values.length; start += width) for (let i = 0; i < width; i++) mean[i]! += values[start + i]!;
  for (let i = 0; i < width; i++) mean[i]! /= rows;
  for (let start = 0; start < values.length; start += width)
    for (let i = 0; i < width; i++) {
      const difference = values[start + i]! - mean[i]!;
      scale[i]! += difference * difference;
    }
  for (let i = 0; i < width; i++) scale[i] = scale[i]! / rows > LEAST_VARIANCE ? 1 / Math.sqrt(scale[i]! / rows) : 0;
  const result = new Float32Array(values.length);
  for (let start = 0; start < values.length; start += width)
    for (let i = 0; i < width; i++) result[start + i] = (values[start + i]! - mean[i]!) * scale[i]!;
  return { values: result, mean, scale };
}
