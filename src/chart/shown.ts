// Which points of a curve over batches are shown: fastai omits the first, before the average has settled, and the last, where it diverges.

/** How many points are omitted at the ends of a curve. */
export interface SkipOptions {
  /** Points omitted at the beginning; default 10. */
  nSkip?: number;
  /** Points omitted at the end; default 5. */
  nSkipEnd?: number;
}

/** The fewest points that are worth a curve. */
const FEWEST = 10;

/** The part [from, to) of `count` points that is shown: all of them if fewer than ten would remain. */
export function shownPart(count: number, { nSkip = 10, nSkipEnd = 5 }: SkipOptions = {}): readonly [from: number, to: number] {
  return count - nSkip - nSkipEnd < FEWEST ? [0, count] : [nSkip, count - nSkipEnd];
}
