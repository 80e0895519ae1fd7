// Contrast.

import { meanGrey } from "../../pixels/colour.ts";
import { mapLevels } from "../../pixels/levels.ts";
import type { Augmentation } from "../augmentation.ts";
import type { ColourRule } from "../step.ts";
import { drawFactor, type JitterOptions, type JitterScale, largestJitter } from "./jitter.ts";
import type { LogitStep } from "./logit.ts";

export interface ContrastSpec {
  readonly kind: "contrast";
  readonly max: number;
  readonly p: number;
  readonly scale?: JitterScale;
}

export interface ContrastStep {
  readonly kind: "contrast";
  readonly factor: number;
}

/**
 * Multiplies the distance from the mean grey by a factor from [1 − max, 1 + max] (torchvision's ColorJitter). On the "logit" scale it
 * multiplies log(x/(1 − x)) by a factor from 1 − max to 1/(1 − max), both directions equally likely (fastai 2).
 */
export function randomContrast(max = 0.2, { p = 0.75, scale = "linear" }: JitterOptions = {}): ContrastSpec {
  return { kind: "contrast", max, p, scale };
}

export const contrast: Augmentation<ContrastSpec, ContrastStep | LogitStep> = {
  origin: "newer",
  check({ p, max, scale }, fields) {
    fields.probability(p);
    fields.number("max", max, 0, largestJitter(scale));
  },
  draw({ max, p, scale }, random) {
    if (!random.chance(p)) return [];
    if (scale !== "logit") return [{ kind: "contrast", factor: drawFactor(max, random) }];
    const most = -Math.log(1 - max);
    return [{ kind: "logit", shift: 0, factor: Math.exp(random.uniform(-most, most)) }];
  },
  examples: () => [{ code: "randomContrast(0.4)", note: "times 0.6 to 1.4 about the mean", spec: randomContrast(0.4, { p: 1 }) }],
};

export const contrastStep: ColourRule<ContrastStep> = {
  change(pixels, { factor }) {
    const mean = meanGrey(pixels) * (1 - factor);
    mapLevels(pixels, (value) => value * factor + mean);
  },
};
