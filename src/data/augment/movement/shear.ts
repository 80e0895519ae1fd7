// Shearing, which policies draw.

import { affine } from "../../pixels/projection.ts";
import type { Border } from "../../pixels/warp.ts";
import type { MoveRule } from "../step.ts";

/** Rows shift by `x` for each pixel down, columns by `y` for each pixel to the right, from the top left corner. */
export interface ShearStep {
  readonly kind: "shear";
  readonly x: number;
  readonly y: number;
  readonly border: Border;
}

export const shearStep: MoveRule<ShearStep> = {
  map: ({ x, y }) => affine(1, x, 0.5 * x, y, 1, 0.5 * y),
};
