// Posterising, which policies draw.

import { mapLevels } from "../../pixels/levels.ts";
import type { ColourRule } from "../step.ts";

/** Only the highest `bits` of each value remain. */
export interface PosterizeStep {
  readonly kind: "posterize";
  readonly bits: number;
}

export const posterizeStep: ColourRule<PosterizeStep> = {
  change(pixels, { bits }) {
    mapLevels(pixels, (value) => value & (0xff << (8 - bits)));
  },
};
