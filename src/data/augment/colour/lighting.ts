// fastai 0.7's change of brightness and contrast.

import { mapLevels, meanLevel } from "../../pixels/levels.ts";
import type { Augmentation } from "../augmentation.ts";
import type { ColourRule } from "../step.ts";

export interface LightingSpec {
  readonly kind: "lighting";
  readonly brightness: number;
  readonly contrast: number;
}

/** (x − mean)·contrast + mean + brightness, on [0, 1]. */
export interface LightStep {
  readonly kind: "light";
  readonly brightness: number;
  readonly contrast: number;
}

/**
 * Always: x ← (x − mean)·factor + mean + b on pixels in [0, 1], clipped, with b from [−brightness, brightness], and a factor of 1 + c or
 * 1/(1 − c), c from [−contrast, contrast], so that raising and lowering are equally likely (fastai 0.7's RandomLighting).
 */
export function randomLighting(brightness: number, contrast: number): LightingSpec {
  return { kind: "lighting", brightness, contrast };
}

export const lighting: Augmentation<LightingSpec, LightStep> = {
  origin: "fastai 0.7",
  check({ brightness, contrast }, fields) {
    fields.number("brightness", brightness, 0, 1);
    fields.number("contrast", contrast, 0, 10);
  },
  draw(spec, random) {
    const brightness = random.uniform(-spec.brightness, spec.brightness);
    const change = random.uniform(-spec.contrast, spec.contrast);
    const contrast = change >= 0 ? 1 + change : 1 / (1 - change);
    return brightness === 0 && contrast === 1 ? [] : [{ kind: "light", brightness, contrast }];
  },
  examples: () => [{ code: "randomLighting(0.2, 0.3)", note: "brightness and contrast", spec: randomLighting(0.2, 0.3) }],
};

export const lightStep: ColourRule<LightStep> = {
  change(pixels, { brightness, contrast }) {
    const mean = meanLevel(pixels);
    mapLevels(pixels, (value) => (value - mean) * contrast + mean + brightness * 255);
  },
};
