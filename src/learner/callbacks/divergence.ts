// Detects an exploding loss, which ends the finder and a warm-up.

/** Batches after which the best loss counts, and the factor on it that counts as exploded (fastai 0.7). */
const [SETTLE, EXPLODED] = [10, 4];

/** The state of a watch over losses. */
export interface Watched {
  seen: number;
  best: number;
}

/** A watch that takes smoothed losses in turn: true for NaN, and above four times the best after the tenth. Its state is `watched`. */
export function watchDivergence(watched: Watched = { seen: 0, best: Number.POSITIVE_INFINITY }): (loss: number) => boolean {
  return (loss) => {
    const diverged = Number.isNaN(loss) || loss > EXPLODED * watched.best;
    if (watched.seen++ >= SETTLE) watched.best = Math.min(watched.best, loss);
    return diverged;
  };
}
