// When a loss has exploded: the rule by which the finder and a warm-up end.

/** Batches after which the best loss counts, and the factor on it that is too much (fastai 0.7). */
const [SETTLE, EXPLODED] = [10, 4];

/** A watch over smoothed losses, to be told each in turn: true for NaN, and for more than four times the best after the tenth. */
export function watchDivergence(): (loss: number) => boolean {
  let [seen, best] = [0, Number.POSITIVE_INFINITY];
  return (loss) => {
    const diverged = Number.isNaN(loss) || loss > EXPLODED * best;
    if (seen++ >= SETTLE) best = Math.min(best, loss);
    return diverged;
  };
}
