// Shifting, which policies draw.

import { affine } from "../../pixels/projection.ts";
import type { Border } from "../../pixels/warp.ts";
import type { MoveRule } from "../step.ts";

/** Shifts by `x` pixels to the right and `y` down. */
export interface TranslateStep {
  readonly kind: "translate";
  readonly x: number;
  readonly y: number;
  readonly border: Border;
}

export const translateStep: MoveRule<TranslateStep> = {
  map: ({ x, y }) => affine(1, 0, -x, 0, 1, -y),
};
