// Learning-rate suggestions from the finder's curve.

/**
 * The valley rule of fastai 2: of the longest strictly falling subsequence of `losses` (which ends at e after l points, so it is taken
 * to begin at e − l), the rate half-way through its middle third. Undefined where the loss never falls.
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
  return lrs[Math.max(0, start) + Math.floor(third) + Math.floor(third / 2)];
}
