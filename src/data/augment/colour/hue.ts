// Hue.

import { rotateHue } from "../../pixels/colour.ts";
import type { Augmentation } from "../augmentation.ts";
import type { ColourRule } from "../step.ts";

export interface HueSpec {
  readonly kind: "hue";
  readonly max: number;
  readonly p: number;
}

/** `turn` is a fraction of the whole colour wheel. */
export interface HueStep {
  readonly kind: "hue";
  readonly turn: number;
}

/** Turns the colour wheel by a fraction from [−max, max] of a whole turn, max at most ½ (torchvision's ColorJitter). */
export function randomHue(max = 0.1, { p = 0.75 }: { p?: number } = {}): HueSpec {
  return { kind: "hue", max, p };
}

export const hue: Augmentation<HueSpec, HueStep> = {
  origin: "newer",
  check({ p, max }, fields) {
    fields.probability(p);
    fields.number("max", max, 0, 0.5);
  },
  draw: ({ max, p }, random) => (random.chance(p) ? [{ kind: "hue", turn: random.uniform(-max, max) }] : []),
  examples: () => [{ code: "randomHue(0.1)", note: "±0.1 of the colour wheel", spec: randomHue(0.1, { p: 1 }) }],
};

export const hueStep: ColourRule<HueStep> = {
  change(pixels, { turn }) {
    rotateHue(pixels, turn);
  },
};
