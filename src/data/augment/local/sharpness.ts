// Sharpness, which policies draw.

import { SHARPEN_REACH, sharpened } from "../../pixels/sharpen.ts";
import type { LocalRule } from "../step.ts";

/** Softer below 1, sharper above. */
export interface SharpnessStep {
  readonly kind: "sharpness";
  readonly factor: number;
}

export const sharpnessStep: LocalRule<SharpnessStep> = {
  reach: () => SHARPEN_REACH,
  change: (part, window, { factor }) => sharpened(part, window, factor),
};
