// The outcome of each threshold on a score: the curves behind ROC-AUC and average precision, point by point as in scikit-learn.

/** Both shares in [0, 1], from the highest threshold to the lowest; the first point answers nothing (threshold infinite). */
export interface RocCurve {
  readonly falsePositiveRates: Float64Array;
  readonly truePositiveRates: Float64Array;
  readonly thresholds: Float64Array;
}

/** From the lowest threshold to the highest; the last point, precision 1 at recall 0, answers nothing (threshold infinite). */
export interface PrecisionRecallCurve {
  readonly precisions: Float64Array;
  readonly recalls: Float64Array;
  readonly thresholds: Float64Array;
}

/**
 * The ROC curve, a point for each score that occurs. `scores` and `positive` (0 or 1) are [rows]. Rates are NaN if there is no negative,
 * or no positive.
 */
export function rocCurve(scores: ArrayLike<number>, positive: ArrayLike<number>): RocCurve {
  const cuts = cutsOf(scores, positive);
  const last = cuts.at(-1) ?? { hits: 0, misses: 0 };
  return {
    falsePositiveRates: Float64Array.from([0, ...cuts.map(({ misses }) => misses)], (misses) => misses / last.misses),
    truePositiveRates: Float64Array.from([0, ...cuts.map(({ hits }) => hits)], (hits) => hits / last.hits),
    thresholds: Float64Array.from([Number.POSITIVE_INFINITY, ...cuts.map(({ threshold }) => threshold)]),
  };
}

/** Precision and recall for each score that occurs as the threshold. `scores` and `positive` (0 or 1) are [rows]. Recalls are NaN without positives. */
export function precisionRecallCurve(scores: ArrayLike<number>, positive: ArrayLike<number>): PrecisionRecallCurve {
  const cuts = cutsOf(scores, positive).toReversed();
  const positives = cuts[0]?.hits ?? 0;
  return {
    precisions: Float64Array.from([...cuts.map(({ hits, misses }) => hits / (hits + misses)), 1]),
    recalls: Float64Array.from([...cuts.map(({ hits }) => hits), 0], (hits) => hits / positives),
    thresholds: Float64Array.from([...cuts.map(({ threshold }) => threshold), Number.POSITIVE_INFINITY]),
  };
}

/**
 * The area under the precision-recall curve as a sum of steps, Σ (Rₙ − Rₙ₋₁)·Pₙ, in [0, 1]: the mean precision at each positive (Buckley and
 * Voorhees 2000), without interpolation, as in scikit-learn. NaN without positives.
 */
export function averagePrecision(scores: ArrayLike<number>, positive: ArrayLike<number>): number {
  const { precisions, recalls } = precisionRecallCurve(scores, positive);
  let sum = 0;
  for (let i = 0; i + 1 < recalls.length; i++) sum += (recalls[i]! - recalls[i + 1]!) * precisions[i]!;
  return sum;
}

/** Positives and negatives at or above each score that occurs, from the highest on. */
function cutsOf(scores: ArrayLike<number>, positive: ArrayLike<number>): { threshold: number; hits: number; misses: number }[] {
  const order = Uint32Array.from(scores, (_, i) => i).sort((a, b) => scores[b]! - scores[a]!);
  const cuts: { threshold: number; hits: number; misses: number }[] = [];
  let [hits, misses] = [0, 0];
  for (const [place, row] of order.entries()) {
    positive[row]! ? hits++ : misses++;
    const next = order[place + 1];
    if (next === undefined || scores[next] !== scores[row]) cuts.push({ threshold: scores[row]!, hits, misses });
  }
  return cuts;
}
