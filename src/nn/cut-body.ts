// Cuts layers from the end of a body, for features of an earlier layer.

import { expected } from "../core/errors.ts";
import { type Architecture, describeStages } from "./scope.ts";

/**
 * The body of `architecture` without its last `xtraCut` children, and the channels of its output. A child is all that has one name in the
 * body ("layer4", "features.18"); a convolution with its batch norm and activation counts as one. Throws a UsageError if none remains.
 */
export function cutBody(architecture: Architecture, xtraCut = 0): Pick<Architecture, "body" | "features"> {
  const { body, features, size } = architecture;
  if (xtraCut === 0) return { body, features };
  const children = [...new Set(body.map(({ name }) => childOf(name)))];
  if (!Number.isInteger(xtraCut) || xtraCut < 0 || xtraCut >= children.length)
    throw expected(`a whole number from 0 to ${children.length - 1}`, `xtraCut of ${architecture.name}`, xtraCut);
  const removed = new Set(children.slice(-xtraCut));
  const left = body.filter(({ name }) => !removed.has(childOf(name)));
  const { output } = describeStages(left, [1, 3, size, size]);
  return { body: left, features: (output.length === 3 ? output[2] : output[1]) as number };
}

/** "layer4" for the stage "layer4.1", but "features.7" for "features.7.0", because "features" and "blocks" contain the whole body. */
function childOf(stage: string): string {
  const [first = "", second] = stage.split(".");
  return second !== undefined && (first === "features" || first === "blocks") ? `${first}.${second}` : first;
}
