// When a loss has exploded: the rule by which the finder and a warm-up end.

/** Batches after which the best loss counts, and the factor on it that is too much (fastai 0.7). */
const [SETTLE, EXPLODED] = [10, 4];

/** What a watch over losses has seen. */
export interface Watched {
  seen: number;
  best: number;
}

/** A watch over smoothed losses, to be told each in turn: true for NaN, and for more than four times the best after the tenth. Counts in `watched`. */
export function watchDivergence(watched: Watched = { seen: 0, best: Number.POSITIVE_INFINITY }): (loss: number) => boolean {
  return (loss) => {
    const diverged = Number.isNaN(loss) || loss > EXPLODED * watched.best;
    if (watched.seen++ >= SETTLE) watched.best = Math.min(watched.best, loss);
    return diverged;
  };
}
