// The second edition of thaw_small, in training: no weights of it ship yet, and the catalogue does not have it (training/README.md). It is cut
// into six parts that hand over maps of the shapes that MobileNetV2 has at the same depths, after its features 3, 6, 10, 13, 16 and 18, so that
// each part can learn from that network by itself. Inside a part the 3×3 convolutions are dense, not depthwise: that is what the engine runs
// and trains fastest on few cores. Layer groups: parts 1 and 2; parts 3 to 6.

import type { Value } from "../../graph/types.ts";
import { batchNorm, channelsOf, conv2d, relu } from "../layers.ts";
import type { Architecture, Scope, Stage } from "../scope.ts";
import { imageNetInput } from "./imagenet.ts";

const STEM = 24;
const FEATURES = 1280;
const FIRST_OF_SECOND_GROUP = 2;

/** The blocks of each part: channels inside and after the block, stride. */
const PARTS: readonly (readonly (readonly [wide: number, channels: number, stride: number])[])[] = [
  [
    [48, 24, 2],
    [72, 24, 1],
  ],
  [
    [96, 32, 2],
    [128, 32, 1],
    [128, 32, 1],
  ],
  [
    [192, 64, 2],
    [256, 64, 1],
    [256, 64, 1],
  ],
  [
    [256, 96, 1],
    [288, 96, 1],
  ],
  [
    [384, 160, 2],
    [480, 160, 1],
  ],
  [[480, 320, 1]],
];

/** A network of dense inverted bottlenecks, 3.4 M parameters before the head, 1/32 of the input's size at its end. */
export const thawSmallSecond: Architecture = {
  name: "thaw_small_second",
  body: PARTS.flatMap((blocks, part) => [
    ...(part === 0 ? [stageOf(part, 0, (scope, name, x) => activated(scope, name, x, { channels: STEM, kernel: 3, stride: 2 }))] : []),
    ...blocks.map(([wide, channels, stride], i) =>
      stageOf(part, part === 0 ? i + 1 : i, (scope, name, x) => bottleneck(scope, name, x, { wide, channels, stride })),
    ),
    ...(part === PARTS.length - 1
      ? [stageOf(part, blocks.length, (scope, name, x) => activated(scope, name, x, { channels: FEATURES, kernel: 1 }))]
      : []),
  ]),
  classifier: [],
  features: FEATURES,
  ...imageNetInput,
  // Trained on crops of 112 pixels, in which things are larger than in whole photographs: those it sees best at 160 (training/README.md).
  size: 160,
};

function stageOf(part: number, index: number, layer: (scope: Scope, name: string, x: Value) => Value): Stage {
  const name = `part${part + 1}.${index}`;
  return { name, group: part < FIRST_OF_SECOND_GROUP ? 0 : 1, apply: (scope, x) => layer(scope, name, x) };
}

/** A 3×3 to `wide` channels, a linear 1×1 to `channels`; adds `x` when the shape stays (EfficientNet-EdgeTPU's block, Gupta and Akin 2020). */
function bottleneck(
  scope: Scope,
  name: string,
  x: Value,
  { wide, channels, stride }: { wide: number; channels: number; stride: number },
): Value {
  const filtered = activated(scope, `${name}.wide`, x, { channels: wide, kernel: 3, stride });
  const narrow = batchNorm(scope, `${name}.narrow.norm`, conv2d(scope, `${name}.narrow.conv`, filtered, { channels, kernel: 1 }));
  return stride === 1 && channelsOf(x) === channels ? scope.graph.add("Add", [x, narrow]) : narrow;
}

function activated(scope: Scope, name: string, x: Value, options: { channels: number; kernel: number; stride?: number }): Value {
  const convolved = conv2d(scope, `${name}.conv`, x, { ...options, padding: (options.kernel - 1) / 2 });
  return relu(scope, batchNorm(scope, `${name}.norm`, convolved));
}
