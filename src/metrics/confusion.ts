// The confusion matrix and the scores computed from it, by scikit-learn's definitions.

/** Counts [classes, classes], row by row: rows are true classes, columns predicted ones. */
export interface Confusion {
  readonly classes: number;
  readonly counts: Float64Array;
}

/** The confusion matrix of predicted and true class indices [rows]; rows with an index below 0 in either are left out. */
export function confusionMatrix(predicted: ArrayLike<number>, targets: ArrayLike<number>, classes: number): Confusion {
  const counts = new Float64Array(classes * classes);
  for (let row = 0; row < targets.length; row++)
    if (targets[row]! >= 0 && predicted[row]! >= 0) counts[targets[row]! * classes + predicted[row]!]!++;
  return { classes, counts };
}

/** Mean recall of the classes that occur, in [0, 1]; NaN if none does. Chance level is 1/classes, whatever their sizes. */
export function balancedAccuracy(confusion: Confusion): number {
  const { diagonal, rows } = margins(confusion);
  const recalls = rows.flatMap((row, i) => (row > 0 ? [diagonal[i]! / row] : []));
  return recalls.reduce((sum, recall) => sum + recall / recalls.length, recalls.length > 0 ? 0 : Number.NaN);
}

/**
 * Agreement beyond chance, at most 1, 0 for chance (Cohen 1960): 1 − Σ w·observed / Σ w·expected. `weights` sets how much worse distant
 * classes are if they are ordered: by the distance ("linear") or its square ("quadratic"); default all alike. NaN if both always name
 * one and the same class.
 */
export function cohenKappa(confusion: Confusion, weights: "none" | "linear" | "quadratic" = "none"): number {
  const { classes, counts } = confusion;
  const { rows, columns, total } = margins(confusion);
  const power = { none: 0, linear: 1, quadratic: 2 }[weights];
  let [observed, expected] = [0, 0];
  for (let i = 0; i < classes; i++)
    for (let j = 0; j < classes; j++) {
      if (i === j) continue;
      const weight = Math.abs(i - j) ** power;
      observed += weight * counts[i * classes + j]!;
      expected += (weight * rows[i]! * columns[j]!) / total;
    }
  return 1 - observed / expected;
}

/**
 * Matthews' correlation of predicted and true classes, in [−1, 1], 0 for chance, for any number of classes (Gorodkin 2004); 0 if either
 * is always the same class.
 */
export function matthews(confusion: Confusion): number {
  const { diagonal, rows, columns, total } = margins(confusion);
  const right = diagonal.reduce((a, b) => a + b, 0);
  const covariance = (a: readonly number[], b: readonly number[]): number =>
    total ** 2 - a.reduce((sum, value, i) => sum + value * b[i]!, 0);
  const both = right * total - rows.reduce((sum, row, i) => sum + row * columns[i]!, 0);
  const spread = covariance(rows, rows) * covariance(columns, columns);
  return spread === 0 ? 0 : both / Math.sqrt(spread);
}

function margins({ classes, counts }: Confusion): { diagonal: number[]; rows: number[]; columns: number[]; total: number } {
  const indices = Array.from({ length: classes }, (_, i) => i);
  const sum = (at: (k: number) => number): number => indices.reduce((total, k) => total + counts[at(k)]!, 0);
  const rows = indices.map((i) => sum((k) => i * classes + k));
  return {
    diagonal: indices.map((i) => counts[i * classes + i]!),
    rows,
    columns: indices.map((i) => sum((k) => k * classes + i)),
    total: rows.reduce((a, b) => a + b, 0),
  };
}
