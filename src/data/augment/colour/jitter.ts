// What brightness, contrast and saturation share (torchvision's ColorJitter).

import type { RandomStream } from "../../../core/random.ts";

/** Whether factors apply to pixels or to log(x/(1 − x)) of them. */
export type JitterScale = "linear" | "logit";

export interface JitterOptions {
  p?: number;
  scale?: JitterScale;
}

/** The largest `max` on `scale`: at 1 the logit scale would be infinite. */
export const largestJitter = (scale: JitterScale | undefined): number => (scale === "logit" ? 0.99 : 1);

/** Draws a factor from [1 − max, 1 + max]. */
export function drawFactor(max: number, random: RandomStream): number {
  return random.uniform(1 - max, 1 + max);
}
