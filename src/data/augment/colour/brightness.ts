// Brightness.

import { logit, mapLevels } from "../../pixels/levels.ts";
import type { Augmentation } from "../augmentation.ts";
import type { ColourRule } from "../step.ts";
import { drawFactor, type JitterOptions, type JitterScale, largestJitter } from "./jitter.ts";
import type { LogitStep } from "./logit.ts";

export interface BrightnessSpec {
  readonly kind: "brightness";
  readonly max: number;
  readonly p: number;
  readonly scale?: JitterScale;
}

export interface BrightnessStep {
  readonly kind: "brightness";
  readonly factor: number;
}

/**
 * Multiplies by a factor from [1 − max, 1 + max] (torchvision's ColorJitter). On the "logit" scale it shifts log(x/(1 − x)) by that of a
 * number from [(1 − max)/2, (1 + max)/2], which never clips (fastai 2).
 */
export function randomBrightness(max = 0.2, { p = 0.75, scale = "linear" }: JitterOptions = {}): BrightnessSpec {
  return { kind: "brightness", max, p, scale };
}

export const brightness: Augmentation<BrightnessSpec, BrightnessStep | LogitStep> = {
  origin: "newer",
  check({ p, max, scale }, fields) {
    fields.probability(p);
    fields.number("max", max, 0, largestJitter(scale));
  },
  draw({ max, p, scale }, random) {
    if (!random.chance(p)) return [];
    if (scale !== "logit") return [{ kind: "brightness", factor: drawFactor(max, random) }];
    return [{ kind: "logit", shift: logit(random.uniform((1 - max) / 2, (1 + max) / 2)), factor: 1 }];
  },
  examples: () => [{ code: "randomBrightness(0.4)", note: "times 0.6 to 1.4", spec: randomBrightness(0.4, { p: 1 }) }],
};

export const brightnessStep: ColourRule<BrightnessStep> = {
  change(pixels, { factor }) {
    mapLevels(pixels, (value) => value * factor);
  },
};
