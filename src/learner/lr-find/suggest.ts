// Learning-rate suggestions from the finder's curve, by the rules of fastai 2 and of Surmenok's article on the derivative.

/** The rules by name; "valley" is the one that thaw goes by. */
export type SuggestionRule = "valley" | "slide" | "minimum" | "steep";

/** A rate by each rule; undefined if the rule finds none. */
export type Suggestions = Readonly<Record<SuggestionRule, number | undefined>>;

/** All rules' suggestions. `losses` are smoothed, at rates in rising order. */
export function suggestAll(lrs: readonly number[], losses: readonly number[]): Suggestions {
  return {
    valley: suggestValley(lrs, losses),
    slide: suggestSlide(lrs, losses),
    minimum: suggestMinimum(lrs, losses),
    steep: suggestSteep(lrs, losses),
  };
}

/**
 * The valley rule of fastai 2: of the longest strictly falling subsequence of `losses` (which ends at e after l points, so it is taken
 * to begin at e − l), the rate half-way through its middle third. Undefined if the loss never falls.
 */
export function suggestValley(lrs: readonly number[], losses: readonly number[]): number | undefined {
  const lengths = losses.map(() => 1);
  let end = 0;
  for (let i = 1; i < losses.length; i++) {
    for (let j = 0; j < i; j++) if (losses[i]! < losses[j]!) lengths[i] = Math.max(lengths[i]!, lengths[j]! + 1);
    if (lengths[i]! > lengths[end]!) end = i;
  }
  if (lengths[end] === undefined || lengths[end]! < 2) return undefined;
  const start = end - lengths[end]!;
  const third = (end - start) / 3;
  return lrs[Math.max(0, start + Math.floor(third) + Math.floor(third / 2))];
}

/**
 * The interval slide rule: an interval of `width` points moves from the right end to the left until the loss's slopes (per point, central
 * differences) at its two ends differ by at most `threshold`; the rate at its left end. Undefined for a curve shorter than the interval.
 */
export function suggestSlide(
  lrs: readonly number[],
  losses: readonly number[],
  { width = 15, threshold = 0.005 }: { width?: number; threshold?: number } = {},
): number | undefined {
  const slopes = losses.map((_, i) => {
    const [before, after] = [Math.max(0, i - 1), Math.min(losses.length - 1, i + 1)];
    return (losses[after]! - losses[before]!) / (after - before);
  });
  let right = losses.length - 1;
  let found = lrs[right - width];
  for (; right - width >= 0 && Math.abs(slopes[right]! - slopes[right - width]!) > threshold; right--) found = lrs[right - width];
  return found;
}

/** A tenth of the rate at the lowest loss. Undefined for an empty curve. */
export function suggestMinimum(lrs: readonly number[], losses: readonly number[]): number | undefined {
  const lowest = indexOfLeast(losses);
  return lowest < 0 ? undefined : lrs[lowest]! / 10;
}

/** The rate at which the loss falls fastest against the rate's logarithm, from one point to the next. Undefined if it never falls. */
export function suggestSteep(lrs: readonly number[], losses: readonly number[]): number | undefined {
  const slopes = losses.slice(1).map((loss, i) => (loss - losses[i]!) / Math.log(lrs[i + 1]! / lrs[i]!));
  const steepest = indexOfLeast(slopes);
  return steepest >= 0 && slopes[steepest]! < 0 ? lrs[steepest] : undefined;
}

/** How fast the loss changes per step, smoothed over `sma` steps: (loss_i − loss_{i−sma}) / sma, from point `sma` on (Surmenok 2017). */
export function lossSlopes(
  lrs: readonly number[],
  losses: readonly number[],
  sma: number,
): { readonly lrs: readonly number[]; readonly slopes: readonly number[] } {
  return { lrs: lrs.slice(sma), slopes: losses.slice(sma).map((loss, i) => (loss - losses[i]!) / sma) };
}

/** The first index of the smallest value; −1 for none. */
function indexOfLeast(values: readonly number[]): number {
  return values.reduce((least, value, i) => (least < 0 || value < values[least]! ? i : least), -1);
}
