// From the outputs of a classifier to probabilities: its temperature, then softmax, or the sigmoid if an image may have several labels.

import type { ModelDescription } from "./format.ts";
import { softmaxRows } from "./softmax.ts";
import { sigmoids } from "./targets.ts";

/** Probabilities [rows, classes] of `outputs` [rows, classes], by a model's kind and its temperature (Guo et al. 2017), as a new array. */
export function probabilitiesOf(
  outputs: Float32Array,
  { classes, target, calibration }: Pick<ModelDescription, "classes" | "target" | "calibration">,
): Float32Array {
  const logits = calibration ? outputs.map((output) => output / calibration.temperature) : outputs;
  return target?.kind === "multi" ? sigmoids(logits) : softmaxRows(logits, classes.length);
}
