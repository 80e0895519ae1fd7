// Stretching along one axis.

import type { RandomStream } from "../../../core/random.ts";
import type { Augmentation } from "../augmentation.ts";
import { centredZoom, type ZoomStep } from "./zoom.ts";

export interface StretchSpec {
  readonly kind: "stretch";
  readonly max: number;
  readonly p: number;
}

/** Stretches one axis, either equally likely, by a factor from [1, 1 + max] about the centre. */
export function randomStretch(max: number, { p = 1 }: { p?: number } = {}): StretchSpec {
  return { kind: "stretch", max, p };
}

/** Draws an axis, and a factor from [1, 1 + max]. */
export function drawStretch(max: number, random: RandomStream): ZoomStep {
  const factor = 1 + random.uniform(0, max);
  return random.chance(0.5) ? centredZoom(factor, 1) : centredZoom(1, factor);
}

export const stretch: Augmentation<StretchSpec, ZoomStep> = {
  origin: "fastai 0.7",
  check({ p, max }, fields) {
    fields.probability(p);
    fields.number("max", max, 0, 10);
  },
  draw: ({ max, p }, random) => (random.chance(p) ? [drawStretch(max, random)] : []),
  examples: () => [{ code: "randomStretch(0.5)", note: "one axis by 1 to 1.5", spec: randomStretch(0.5) }],
};
