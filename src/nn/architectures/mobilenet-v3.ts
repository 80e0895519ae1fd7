// MobileNetV3 (Howard et al. 2019) as torchvision builds it. Layer groups: features 0 to 6, features 7 to 16.

import type { Value } from "../../graph/types.ts";
import { type Activation, hardSigmoid, hardSwish, squeezeExcitation } from "../activations.ts";
import { batchNorm, channelsOf, conv2d, linear, relu } from "../layers.ts";
import { averagePool } from "../pooling.ts";
import type { Architecture, Scope, Stage } from "../scope.ts";
import { imageNetClasses, imageNetInput } from "./imagenet.ts";

interface Block {
  readonly kernel: number;
  /** Channels inside the block. */
  readonly expanded: number;
  readonly channels: number;
  /** Whether it scales its channels by squeeze and excitation. */
  readonly gated: boolean;
  readonly activation: Activation;
  readonly stride: number;
}

const block = (kernel: number, expanded: number, channels: number, gated: boolean, activation: Activation, stride: number): Block => ({
  kernel,
  expanded,
  channels,
  gated,
  activation,
  stride,
});

/** The paper's table 1. */
const BLOCKS: readonly Block[] = [
  block(3, 16, 16, false, relu, 1),
  block(3, 64, 24, false, relu, 2),
  block(3, 72, 24, false, relu, 1),
  block(5, 72, 40, true, relu, 2),
  block(5, 120, 40, true, relu, 1),
  block(5, 120, 40, true, relu, 1),
  block(3, 240, 80, false, hardSwish, 2),
  block(3, 200, 80, false, hardSwish, 1),
  block(3, 184, 80, false, hardSwish, 1),
  block(3, 184, 80, false, hardSwish, 1),
  block(3, 480, 112, true, hardSwish, 1),
  block(3, 672, 112, true, hardSwish, 1),
  block(5, 672, 160, true, hardSwish, 2),
  block(5, 960, 160, true, hardSwish, 1),
  block(5, 960, 160, true, hardSwish, 1),
];
const STEM = 16;
const FEATURES = 960;
const HIDDEN = 1280;
const FIRST_OF_SECOND_GROUP = 7;
const NORM = { epsilon: 1e-3, momentum: 0.01 };

const LAYERS: readonly ((scope: Scope, name: string, x: Value) => Value)[] = [
  (scope, name, x) => hardSwish(scope, normalised(scope, name, x, { channels: STEM, kernel: 3, stride: 2 })),
  ...BLOCKS.map((options) => (scope: Scope, name: string, x: Value) => invertedResidual(scope, `${name}.block`, x, options)),
  (scope, name, x) => hardSwish(scope, normalised(scope, name, x, { channels: FEATURES, kernel: 1 })),
];

/** MobileNetV3-large of width 1: 3.0 M parameters before the head. */
export const mobileNetV3Large: Architecture = {
  name: "mobilenet_v3_large",
  body: LAYERS.map(
    (layer, i): Stage => ({
      name: `features.${i}`,
      group: i < FIRST_OF_SECOND_GROUP ? 0 : 1,
      apply: (scope, x) => layer(scope, `features.${i}`, x),
    }),
  ),
  classifier: [{ name: "classifier", group: 2, apply: classify }],
  features: FEATURES,
  ...imageNetInput,
};

function classify(scope: Scope, x: Value): Value {
  const hidden = hardSwish(scope, linear(scope, "classifier.0", averagePool(scope, x), HIDDEN));
  return linear(scope, "classifier.3", hidden, imageNetClasses);
}

/** Expands, filters each channel, scales the channels, projects; adds `x` if the shape is unchanged. */
function invertedResidual(scope: Scope, name: string, x: Value, { kernel, expanded, channels, gated, activation, stride }: Block): Value {
  let layer = 0;
  const next = (): string => `${name}.${layer++}`;
  const wide = expanded === channelsOf(x) ? x : activation(scope, normalised(scope, next(), x, { channels: expanded, kernel: 1 }));
  const filtered = activation(scope, normalised(scope, next(), wide, { channels: expanded, kernel, stride, groups: expanded }));
  const squeezed = multipleOf8(Math.floor(expanded / 4));
  const weighed = gated ? squeezeExcitation(scope, next(), filtered, { squeezed, gate: hardSigmoid }) : filtered;
  const narrow = normalised(scope, next(), weighed, { channels, kernel: 1 });
  return stride === 1 && channelsOf(x) === channels ? scope.graph.add("Add", [narrow, x]) : narrow;
}

/** The nearest multiple of 8, rounded up if rounding would remove more than a tenth (torchvision's rule for widths). */
export function multipleOf8(width: number): number {
  const rounded = Math.max(8, Math.floor((width + 4) / 8) * 8);
  return rounded < 0.9 * width ? rounded + 8 : rounded;
}

function normalised(
  scope: Scope,
  name: string,
  x: Value,
  options: { channels: number; kernel: number; stride?: number; groups?: number },
): Value {
  const convolved = conv2d(scope, `${name}.0`, x, { ...options, padding: (options.kernel - 1) / 2 });
  return batchNorm(scope, `${name}.1`, convolved, NORM);
}
