// The network that a model describes: a known body, and the head that the description contains.

import { createCustomHead } from "../nn/custom-head.ts";
import { cutBody } from "../nn/cut-body.ts";
import { createHead } from "../nn/head.ts";
import type { Architecture, Stage } from "../nn/scope.ts";
import type { HeadDescription } from "./head-description.ts";

/** The stages of a network with its head, in order: body, pooling, head. Throws a UsageError for a head that does not fit. */
export function networkStages(architecture: Architecture, head: HeadDescription, classes: number): readonly Stage[] {
  const { body, features } = cutBody(architecture, head.xtraCut);
  if ("layers" in head) return [...body, ...createCustomHead(head.layers, classes)];
  return [...body, ...createHead({ features, classes, ps: head.ps, hidden: head.hidden })];
}
