// Gaussian blur.

import { blurReach, blurred } from "../../pixels/blur.ts";
import type { Augmentation } from "../augmentation.ts";
import type { LocalRule } from "../step.ts";

export interface BlurSpec {
  readonly kind: "blur";
  readonly strengths: readonly number[];
  readonly p: number;
}

export interface BlurStep {
  readonly kind: "blur";
  readonly strength: number;
}

/**
 * Gaussian blur with a kernel of 2·strength − 1 pixels, the strength drawn from the list; its deviation follows the kernel's width as in
 * OpenCV: 0.3·(width/2 − 1.5) + 0.8.
 */
export function randomBlur(strengths: number | readonly number[] = 5, { p = 0.5 }: { p?: number } = {}): BlurSpec {
  return { kind: "blur", strengths: typeof strengths === "number" ? [strengths] : strengths, p };
}

export const blur: Augmentation<BlurSpec, BlurStep> = {
  origin: "fastai 0.7",
  check({ p, strengths }, fields) {
    fields.probability(p);
    if (strengths.length === 0) throw fields.error("at least one number", "strengths", strengths);
    for (const strength of strengths) fields.integer("strengths", strength, 1, 64);
  },
  draw({ strengths, p }, random) {
    return random.chance(p) ? [{ kind: "blur", strength: strengths[random.integer(0, strengths.length - 1)]! }] : [];
  },
  examples: () => [{ code: "randomBlur([2, 4, 6])", note: "kernels of 3, 7 and 11 pixels", spec: randomBlur([2, 4, 6], { p: 1 }) }],
};

export const blurStep: LocalRule<BlurStep> = {
  reach: ({ strength }) => blurReach(strength),
  change: (part, window, { strength }) => blurred(part, window, strength),
};
