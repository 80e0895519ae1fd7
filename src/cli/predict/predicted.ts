// What a model's answers look like, from its description.

import type { ModelDescription } from "../../classifier/format.ts";
import { kindOf } from "../../classifier/target-kinds.ts";
import type { Predicted } from "./lines.ts";

/** What the model of `description` predicts; lists of classes have the `top` most probable ones. */
export function predictedBy(description: ModelDescription, top?: number): Predicted {
  const { classes: names, target, calibration } = description;
  return {
    kind: kindOf(description),
    names,
    ...(target?.kind === "continuous" && { deviations: target.std }),
    mayBeNone: calibration?.noneBelow !== undefined || calibration?.known !== undefined,
    ...(top !== undefined && { top: Math.min(top, names.length) }),
  };
}
