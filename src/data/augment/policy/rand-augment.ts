// RandAugment: several changes at one strength.

import type { Border } from "../../pixels/warp.ts";
import type { Augmentation } from "../augmentation.ts";
import { CHANGES, type PolicyStep, policySteps, type Space, STRONGEST } from "./changes.ts";

export interface RandAugmentSpec {
  readonly kind: "randAugment";
  readonly count: number;
  readonly magnitude: number;
  readonly mode?: Border;
}

/**
 * `count` of 14 changes one after the other, each equally likely, all at `magnitude` on a scale from 0 to 30 (RandAugment, Cubuk 2019), as in
 * torchvision.
 */
export function randAugment({
  count = 2,
  magnitude = 9,
  mode = "zero",
}: {
  count?: number;
  magnitude?: number;
  mode?: Border;
} = {}): RandAugmentSpec {
  return { kind: "randAugment", count, magnitude, mode };
}

export const randAugmentation: Augmentation<RandAugmentSpec, PolicyStep> = {
  origin: "newer",
  check({ count, magnitude }, fields) {
    fields.integer("count", count, 0, 14);
    fields.integer("magnitude", magnitude, 0, STRONGEST);
  },
  draw({ count, magnitude, mode = "zero" }, random, { size }) {
    const space: Space = { shear: 0.3, pixels: (150 / 331) * size, degrees: 30, colour: 0.9, bits: 4 };
    return Array.from({ length: count }, () =>
      policySteps(random.integer(0, CHANGES - 1), magnitude, random.chance(0.5), space, mode),
    ).flat();
  },
  examples: () => [{ code: "randAugment()", note: "two of 14, magnitude 9", spec: randAugment() }],
};
