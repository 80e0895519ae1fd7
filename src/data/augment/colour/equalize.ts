// Equalising the histogram of each channel, which policies draw.

import { equalize } from "../../pixels/histogram.ts";
import type { ColourRule } from "../step.ts";

export interface EqualizeStep {
  readonly kind: "equalize";
}

export const equalizeStep: ColourRule<EqualizeStep> = { change: equalize };
