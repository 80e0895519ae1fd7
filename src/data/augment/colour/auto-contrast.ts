// Stretching each channel to the whole range, which policies draw.

import { autoContrast } from "../../pixels/histogram.ts";
import type { ColourRule } from "../step.ts";

export interface AutoContrastStep {
  readonly kind: "autoContrast";
}

export const autoContrastStep: ColourRule<AutoContrastStep> = { change: autoContrast };
