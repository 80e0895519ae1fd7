// DenseNet (Huang et al. 2016) as torchvision builds it. The body ends with its last batch norm, as in fastai: ReLU belongs to the
// published classifier. Layer groups as in fastai: up to the second dense block; from the second transition on.

import type { Value } from "../../graph/types.ts";
import { batchNorm, channelsOf, conv2d, linear, relu } from "../layers.ts";
import { averagePool, maxPool, windowAverage } from "../pooling.ts";
import type { Architecture, Scope, Stage } from "../scope.ts";
import { imageNetClasses, imageNetInput } from "./imagenet.ts";

/** Channels of a layer's 1×1 convolution, in multiples of the channels that the layer adds. */
const BOTTLENECK = 4;

interface Settings {
  /** Channels that each layer adds. */
  readonly growth: number;
  /** Layers of each block. */
  readonly depths: readonly number[];
  /** Channels of the first convolution. */
  readonly stem: number;
}

/** DenseNet with 121 layers: 7.0 M parameters before the head. */
export const densenet121: Architecture = densenet("densenet121", { growth: 32, depths: [6, 12, 24, 16], stem: 64 });
/** DenseNet with 161 layers: 26.5 M parameters before the head. */
export const densenet161: Architecture = densenet("densenet161", { growth: 48, depths: [6, 12, 36, 24], stem: 96 });
/** DenseNet with 169 layers: 12.5 M parameters before the head. */
export const densenet169: Architecture = densenet("densenet169", { growth: 32, depths: [6, 12, 32, 32], stem: 64 });
/** DenseNet with 201 layers: 18.1 M parameters before the head. */
export const densenet201: Architecture = densenet("densenet201", { growth: 32, depths: [6, 12, 48, 32], stem: 64 });

function densenet(name: string, { growth, depths, stem }: Settings): Architecture {
  const first: Stage = {
    name: "features.conv0",
    group: 0,
    apply(scope, x) {
      const convolved = conv2d(scope, "features.conv0", x, { channels: stem, kernel: 7, stride: 2, padding: 3 });
      return maxPool(scope, relu(scope, batchNorm(scope, "features.norm0", convolved)), { kernel: 3, stride: 2, padding: 1 });
    },
  };
  const blocks = depths.flatMap((depth, i): Stage[] => {
    const [block, transition] = [`features.denseblock${i + 1}`, `features.transition${i + 1}`];
    const dense: Stage = { name: block, group: i < 2 ? 0 : 1, apply: (scope, x) => denseBlock(scope, block, x, depth, growth) };
    if (i === depths.length - 1) return [dense];
    return [dense, { name: transition, group: i < 1 ? 0 : 1, apply: (scope, x) => halve(scope, transition, x) }];
  });
  const last: Stage = { name: "features.norm5", group: 1, apply: (scope, x) => batchNorm(scope, "features.norm5", x) };
  const classify = (scope: Scope, x: Value): Value => linear(scope, "classifier", averagePool(scope, relu(scope, x)), imageNetClasses);
  return {
    name,
    body: [first, ...blocks, last],
    classifier: [{ name: "classifier", group: 2, apply: classify }],
    features: depths.reduce((channels, depth, i) => (i === 0 ? channels : Math.floor(channels / 2)) + depth * growth, stem),
    ...imageNetInput,
  };
}

/** Each layer gets the channels of all layers before it and adds its own: [n, c, h, w] to [n, c + depth · growth, h, w]. */
function denseBlock(scope: Scope, name: string, x: Value, depth: number, growth: number): Value {
  let channels = x;
  for (let i = 1; i <= depth; i++) {
    const layer = `${name}.denselayer${i}`;
    const seen = relu(scope, batchNorm(scope, `${layer}.norm1`, channels));
    const narrow = conv2d(scope, `${layer}.conv1`, seen, { channels: BOTTLENECK * growth, kernel: 1 });
    const activated = relu(scope, batchNorm(scope, `${layer}.norm2`, narrow));
    const added = conv2d(scope, `${layer}.conv2`, activated, { channels: growth, kernel: 3, padding: 1 });
    channels = scope.graph.add("Concat", [channels, added], { axis: 1 });
  }
  return channels;
}

/** Halves the channels and the size. */
function halve(scope: Scope, name: string, x: Value): Value {
  const activated = relu(scope, batchNorm(scope, `${name}.norm`, x));
  const narrow = conv2d(scope, `${name}.conv`, activated, { channels: Math.floor(channelsOf(x) / 2), kernel: 1 });
  return windowAverage(scope, narrow, { kernel: 2, stride: 2 });
}
