// thaw's own small network, which ships with its weights: MobileNetV2's layers (Sandler et al. 2018), trained from a random start, each block
// from what the same block of that network does (training/README.md).

import type { Architecture } from "../scope.ts";
import { mobileNetV2, mobileNetV2Body } from "./mobilenet-v2.ts";

/** MobileNetV2's body, 2.2 M parameters, for images of 128 pixels. */
export const thawSmall: Architecture = {
  ...mobileNetV2,
  name: "thaw_small",
  // Names of its own, so that a file of weights fits one of the two.
  body: mobileNetV2Body("blocks"),
  classifier: [],
  // At this size it takes no longer than the first edition at 160, and loses little accuracy (weights/README.md).
  size: 128,
  sharperSize: 192,
  shipped: "thaw_small.safetensors",
};
