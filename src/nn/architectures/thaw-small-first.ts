// The first edition of thaw_small, for models that were saved with it: its weights do not ship any more. It uses dense 3×3 convolutions and
// strides instead of depthwise convolutions and pooling. Layer groups: stem, stages 1 and 2; stages 3 and 4 and the last
// convolution.

import type { Value } from "../../graph/types.ts";
import { batchNorm, conv2d, relu } from "../layers.ts";
import type { Architecture, Scope, Stage } from "../scope.ts";
import { imageNetInput } from "./imagenet.ts";
import { basicBlock } from "./resnet.ts";

/** Channels, residual blocks, and stride of the first block of each stage. */
const STAGES: readonly (readonly [width: number, blocks: number, stride: number])[] = [
  [32, 1, 1],
  [64, 2, 2],
  [128, 2, 2],
  [256, 2, 2],
];
const FEATURES = 512;
const FIRST_OF_SECOND_GROUP = 2;

/** A residual network (He et al. 2015) with 2.9 M parameters before the head; its output has 1/32 of the input's size. */
export const thawSmallFirst: Architecture = {
  name: "thaw_small_first",
  body: [
    convolution("stem", 0, 32, 8, 4, 2),
    ...STAGES.flatMap(([width, blocks, stride], i) =>
      Array.from({ length: blocks }, (_, k): Stage => {
        const name = `stage${i + 1}.${k}`;
        const options = { width, stride: k === 0 ? stride : 1 };
        return { name, group: i < FIRST_OF_SECOND_GROUP ? 0 : 1, apply: (scope, x) => basicBlock(scope, name, x, options) };
      }),
    ),
    convolution("last", 1, FEATURES, 1, 1, 0),
  ],
  classifier: [],
  features: FEATURES,
  ...imageNetInput,
  // Trained on crops of 112 pixels, in which objects are larger than in whole photographs; for those 160 is best (training/README.md).
  size: 160,
};

function convolution(name: string, group: number, channels: number, kernel: number, stride: number, padding: number): Stage {
  const apply = (scope: Scope, x: Value): Value =>
    relu(scope, batchNorm(scope, `${name}.norm`, conv2d(scope, `${name}.conv`, x, { channels, kernel, stride, padding })));
  return { name, group, apply };
}
