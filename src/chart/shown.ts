// Which points of a curve over batches are shown: fastai leaves out the first, where the average has not settled, and the last, where it explodes.

/** How many points at the ends of a curve are left out. */
export interface SkipOptions {
  /** Points left out at the beginning; default 10. */
  nSkip?: number;
  /** Points left out at the end; default 5. */
  nSkipEnd?: number;
}

/** Fewer points make no curve. */
const FEWEST = 10;

/** The part [from, to) of `count` points that is shown: all of them if fewer than ten would be left. */
export function shownPart(count: number, { nSkip = 10, nSkipEnd = 5 }: SkipOptions = {}): readonly [from: number, to: number] {
  return count - nSkip - nSkipEnd < FEWEST ? [0, count] : [nSkip, count - nSkipEnd];
}
