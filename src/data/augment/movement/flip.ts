// A mirror image.

import { affine } from "../../pixels/projection.ts";
import type { Augmentation } from "../augmentation.ts";
import type { MoveRule } from "../step.ts";

export interface FlipSpec {
  readonly kind: "flip";
  readonly p: number;
}

export interface FlipStep {
  readonly kind: "flip";
}

/** Mirrors left and right. */
export function randomFlip({ p = 0.5 }: { p?: number } = {}): FlipSpec {
  return { kind: "flip", p };
}

export const flip: Augmentation<FlipSpec, FlipStep> = {
  origin: "fastai 0.7",
  check({ p }, fields) {
    fields.probability(p);
  },
  draw: ({ p }, random) => (random.chance(p) ? [{ kind: "flip" }] : []),
  examples: () => [{ code: "randomFlip()", note: "half of them mirrored", spec: randomFlip() }],
};

export const flipStep: MoveRule<FlipStep> = {
  map: (_, width) => affine(-1, 0, width - 1, 0, 1, 0),
};
