// TrivialAugment: one change at any strength.

import type { Border } from "../../pixels/warp.ts";
import type { Augmentation } from "../augmentation.ts";
import { CHANGES, type PolicyStep, policySteps, type Space, STRONGEST } from "./changes.ts";

export interface TrivialAugmentSpec {
  readonly kind: "trivialAugment";
  readonly mode?: Border;
}

/**
 * One of 14 changes, each equally likely, at one of 31 strengths from none to extreme: the wide space of TrivialAugment (Müller and Hutter
 * 2021), as in torchvision. What a movement uncovers is black unless `mode` says otherwise.
 */
export function trivialAugment({ mode = "zero" }: { mode?: Border } = {}): TrivialAugmentSpec {
  return { kind: "trivialAugment", mode };
}

const WIDE: Space = { shear: 0.99, pixels: 32, degrees: 135, colour: 0.99, bits: 2 };

export const trivialAugmentation: Augmentation<TrivialAugmentSpec, PolicyStep> = {
  origin: "newer",
  check() {
    // It has no number.
  },
  draw({ mode = "zero" }, random) {
    const change = random.integer(0, CHANGES - 1);
    return policySteps(change, random.integer(0, STRONGEST), random.chance(0.5), WIDE, mode);
  },
  examples: () => [{ code: "trivialAugment()", note: "one of 14, any strength", spec: trivialAugment() }],
};
