// fastai 2's scale for brightness and contrast, on which nothing clips.

import { logit, mapLevels } from "../../pixels/levels.ts";
import type { ColourRule } from "../step.ts";

/** log(x/(1 − x)) times `factor`, plus `shift`. */
export interface LogitStep {
  readonly kind: "logit";
  readonly shift: number;
  readonly factor: number;
}

export const logitStep: ColourRule<LogitStep> = {
  change(pixels, { shift, factor }) {
    mapLevels(pixels, (value) => 255 / (1 + Math.exp(-(logit(value / 255) * factor + shift))));
  },
};
