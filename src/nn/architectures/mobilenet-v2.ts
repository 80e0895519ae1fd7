// MobileNetV2 (Sandler et al. 2018) as torchvision builds it. Layer groups: features 0 to 7, features 8 to 18.

import type { Value } from "../../graph/types.ts";
import { batchNorm, channelsOf, conv2d, linear, relu6 } from "../layers.ts";
import { averagePool } from "../pooling.ts";
import type { Architecture, Scope, Stage } from "../scope.ts";
import { imageNetClasses, imageNetInput } from "./imagenet.ts";

/** The paper's table 2: expansion of the channels inside a block, channels, number of blocks, stride of the first. */
const SETTINGS: readonly (readonly [expansion: number, channels: number, repeats: number, stride: number])[] = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
];
const FEATURES = 1280;
const FIRST_OF_SECOND_GROUP = 8;

type Layer = (scope: Scope, name: string, x: Value) => Value;

const LAYERS: readonly Layer[] = [
  (scope, name, x) => activated(scope, name, x, { channels: 32, kernel: 3, stride: 2 }),
  ...SETTINGS.flatMap(([expansion, channels, repeats, stride]) =>
    Array.from(
      { length: repeats },
      (_, i): Layer =>
        (scope, name, x) =>
          invertedResidual(scope, `${name}.conv`, x, { expansion, channels, stride: i === 0 ? stride : 1 }),
    ),
  ),
  (scope, name, x) => activated(scope, name, x, { channels: FEATURES, kernel: 1 }),
];

/** MobileNetV2 of width 1: 2.2 M parameters before the head. */
export const mobileNetV2: Architecture = {
  name: "mobilenet_v2",
  body: mobileNetV2Body("features"),
  classifier: [
    { name: "classifier", group: 2, apply: (scope, x) => linear(scope, "classifier.1", averagePool(scope, x), imageNetClasses) },
  ],
  features: FEATURES,
  ...imageNetInput,
  sharperSize: 288,
};

/** The body, with stages called `name`.0, `name`.1 and so on. */
export function mobileNetV2Body(name: string): readonly Stage[] {
  return LAYERS.map((layer, i) => ({
    name: `${name}.${i}`,
    group: i < FIRST_OF_SECOND_GROUP ? 0 : 1,
    apply: (scope, x) => layer(scope, `${name}.${i}`, x),
  }));
}

/** Expands by a 1×1, filters by a depthwise 3×3, projects by a linear 1×1 convolution; adds `x` if the shape is unchanged. */
function invertedResidual(
  scope: Scope,
  name: string,
  x: Value,
  { expansion, channels, stride }: { expansion: number; channels: number; stride: number },
): Value {
  const width = channelsOf(x) * expansion;
  let layer = 0;
  const wide = expansion === 1 ? x : activated(scope, `${name}.${layer++}`, x, { channels: width, kernel: 1 });
  const filtered = activated(scope, `${name}.${layer++}`, wide, { channels: width, kernel: 3, stride, groups: width });
  const narrow = batchNorm(scope, `${name}.${layer + 1}`, conv2d(scope, `${name}.${layer}`, filtered, { channels, kernel: 1 }));
  return stride === 1 && channelsOf(x) === channels ? scope.graph.add("Add", [x, narrow]) : narrow;
}

function activated(
  scope: Scope,
  name: string,
  x: Value,
  options: { channels: number; kernel: number; stride?: number; groups?: number },
): Value {
  const convolved = conv2d(scope, `${name}.0`, x, { ...options, padding: (options.kernel - 1) / 2 });
  return relu6(scope, batchNorm(scope, `${name}.1`, convolved));
}
