// The square that is seen of a canvas.

import { affine } from "../../pixels/projection.ts";
import type { Border } from "../../pixels/warp.ts";
import type { MoveRule } from "../step.ts";

export interface CropStep {
  readonly kind: "crop";
  readonly left: number;
  readonly top: number;
  readonly size: number;
  readonly border: Border;
}

export const cropStep: MoveRule<CropStep> = {
  map: ({ left, top }) => affine(1, 0, left, 0, 1, top),
  canvas: ({ size }) => ({ width: size, height: size }),
};
