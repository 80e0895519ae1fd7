// Solarising, which policies draw.

import { mapLevels } from "../../pixels/levels.ts";
import type { ColourRule } from "../step.ts";

/** Inverts values of at least `threshold`, of 0 to 255. */
export interface SolarizeStep {
  readonly kind: "solarize";
  readonly threshold: number;
}

export const solarizeStep: ColourRule<SolarizeStep> = {
  change(pixels, { threshold }) {
    mapLevels(pixels, (value) => (value >= threshold ? 255 - value : value));
  },
};
