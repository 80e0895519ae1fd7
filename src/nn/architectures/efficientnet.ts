// EfficientNet (Tan and Le 2019) as torchvision builds it. Layer groups: features 0 to 3, features 4 to 8.

import type { Value } from "../../graph/types.ts";
import { silu, squeezeExcitation } from "../activations.ts";
import { batchNorm, channelsOf, conv2d, linear, stochasticDepth } from "../layers.ts";
import { averagePool } from "../pooling.ts";
import type { Architecture, Scope, Stage } from "../scope.ts";
import { imageNetClasses, imageNetInput } from "./imagenet.ts";
import { multipleOf8 } from "./mobilenet-v3.ts";

/** The paper's table 1, of B0: expansion of the channels inside a block, kernel, stride of the first block, channels, blocks in a row. */
export const B0_STAGES: readonly (readonly [expansion: number, kernel: number, stride: number, channels: number, repeats: number])[] = [
  [1, 3, 1, 16, 1],
  [6, 3, 2, 24, 2],
  [6, 5, 2, 40, 2],
  [6, 3, 2, 80, 3],
  [6, 5, 1, 112, 3],
  [6, 5, 2, 192, 4],
  [6, 3, 1, 320, 1],
];
const STEM = 32;
const FIRST_OF_SECOND_GROUP = 4;
/** The probability of dropping the last block in training; for the others it is proportional to their depth. */
const STOCHASTIC_DEPTH = 0.2;

/** EfficientNet-B0: 4.0 M parameters before the head. */
export const efficientNetB0: Architecture = efficientNet("efficientnet_b0", 1, 1, 224);
/** EfficientNet-B1: 6.5 M parameters before the head. */
export const efficientNetB1: Architecture = efficientNet("efficientnet_b1", 1, 1.1, 240);
/** EfficientNet-B2: 7.7 M parameters before the head. */
export const efficientNetB2: Architecture = efficientNet("efficientnet_b2", 1.1, 1.2, 288);
/** EfficientNet-B3: 10.7 M parameters before the head. */
export const efficientNetB3: Architecture = efficientNet("efficientnet_b3", 1.2, 1.4, 300);

interface BlockOptions {
  readonly expansion: number;
  readonly kernel: number;
  readonly stride: number;
  readonly channels: number;
  /** Probability in [0, 1) of dropping the block in training. */
  readonly drop: number;
}

function efficientNet(name: string, width: number, depth: number, size: number): Architecture {
  const wide = (channels: number): number => multipleOf8(channels * width);
  const settings = B0_STAGES.map(([expansion, kernel, stride, channels, repeats]) => ({
    expansion,
    kernel,
    stride,
    channels: wide(channels),
    repeats: Math.ceil(repeats * depth),
  }));
  const total = settings.reduce((sum, { repeats }) => sum + repeats, 0);
  const features = 4 * wide(320);
  const stages: Stage[] = [
    stage("features.0", 0, (scope, x) => activated(scope, "features.0", x, { channels: wide(STEM), kernel: 3, stride: 2 })),
  ];
  let before = 0;
  for (const [i, { repeats, stride, ...options }] of settings.entries()) {
    for (let k = 0; k < repeats; k++, before++) {
      const block = `features.${i + 1}.${k}`;
      const drop = (STOCHASTIC_DEPTH * before) / total;
      stages.push(stage(block, i + 1, (scope, x) => mbConv(scope, block, x, { ...options, stride: k === 0 ? stride : 1, drop })));
    }
  }
  stages.push(stage("features.8", 8, (scope, x) => activated(scope, "features.8", x, { channels: features, kernel: 1 })));
  const classify = (scope: Scope, x: Value): Value => linear(scope, "classifier.1", averagePool(scope, x), imageNetClasses);
  return {
    name,
    body: stages,
    classifier: [{ name: "classifier", group: 2, apply: classify }],
    features,
    ...imageNetInput,
    size,
  };
}

function stage(name: string, at: number, apply: Stage["apply"]): Stage {
  return { name, group: at < FIRST_OF_SECOND_GROUP ? 0 : 1, apply };
}

/** Expands, filters each channel, scales the channels, projects; adds `x` if the shape is unchanged. */
function mbConv(scope: Scope, name: string, x: Value, { expansion, kernel, stride, channels, drop }: BlockOptions): Value {
  let layer = 0;
  const next = (): string => `${name}.block.${layer++}`;
  const width = multipleOf8(channelsOf(x) * expansion);
  const wide = expansion === 1 ? x : activated(scope, next(), x, { channels: width, kernel: 1 });
  const filtered = activated(scope, next(), wide, { channels: width, kernel, stride, groups: width });
  const squeezed = Math.max(1, Math.floor(channelsOf(x) / 4));
  const weighed = squeezeExcitation(scope, next(), filtered, { squeezed, activation: silu });
  const narrow = normalised(scope, next(), weighed, { channels, kernel: 1 });
  if (stride !== 1 || channelsOf(x) !== channels) return narrow;
  return scope.graph.add("Add", [stochasticDepth(scope, `${name}.stochastic_depth`, narrow, drop), x]);
}

interface ConvolutionOptions {
  readonly channels: number;
  readonly kernel: number;
  readonly stride?: number;
  readonly groups?: number;
}

function activated(scope: Scope, name: string, x: Value, options: ConvolutionOptions): Value {
  return silu(scope, normalised(scope, name, x, options));
}

function normalised(scope: Scope, name: string, x: Value, options: ConvolutionOptions): Value {
  return batchNorm(scope, `${name}.1`, conv2d(scope, `${name}.0`, x, { ...options, padding: (options.kernel - 1) / 2 }));
}
