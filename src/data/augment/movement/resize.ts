// Scaling the canvas to another size.

import { affine } from "../../pixels/projection.ts";
import type { MoveRule } from "../step.ts";

export interface ResizeStep {
  readonly kind: "resize";
  readonly width: number;
  readonly height: number;
}

export const resizeStep: MoveRule<ResizeStep> = {
  map(step, width, height) {
    const [x, y] = [width / step.width, height / step.height];
    return affine(x, 0, 0.5 * x - 0.5, 0, y, 0.5 * y - 0.5);
  },
  canvas: ({ width, height }) => ({ width, height }),
};
