// Saturation.

import { saturate } from "../../pixels/colour.ts";
import type { Augmentation } from "../augmentation.ts";
import type { ColourRule } from "../step.ts";
import { drawFactor } from "./jitter.ts";

export interface SaturationSpec {
  readonly kind: "saturation";
  readonly max: number;
  readonly p: number;
}

export interface SaturationStep {
  readonly kind: "saturation";
  readonly factor: number;
}

/** Multiplies each pixel's distance from its own grey by a factor from [1 − max, 1 + max] (torchvision's ColorJitter). */
export function randomSaturation(max = 0.2, { p = 0.75 }: { p?: number } = {}): SaturationSpec {
  return { kind: "saturation", max, p };
}

export const saturation: Augmentation<SaturationSpec, SaturationStep> = {
  origin: "newer",
  check({ p, max }, fields) {
    fields.probability(p);
    fields.number("max", max, 0, 1);
  },
  draw: ({ max, p }, random) => (random.chance(p) ? [{ kind: "saturation", factor: drawFactor(max, random) }] : []),
  examples: () => [{ code: "randomSaturation(0.8)", note: "times 0.2 to 1.8 about grey", spec: randomSaturation(0.8, { p: 1 }) }],
};

export const saturationStep: ColourRule<SaturationStep> = {
  change(pixels, { factor }) {
    saturate(pixels, factor);
  },
};
