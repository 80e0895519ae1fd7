// ConvNeXt (Liu et al. 2022) as torchvision builds it: layer normalisation over channels, no batch norm. Layer groups: features 0 to 3,
// features 4 to 7.

import type { Value } from "../../graph/types.ts";
import { channelsFirst, channelsLast, gelu, layerNorm } from "../activations.ts";
import { channelsOf, conv2d, linear, stochasticDepth } from "../layers.ts";
import { averagePool } from "../pooling.ts";
import type { Architecture, Scope, Stage } from "../scope.ts";
import { imageNetClasses, imageNetInput } from "./imagenet.ts";

const FIRST_OF_SECOND_GROUP = 4;

/** ConvNeXt-tiny: 27.8 M parameters before the head. */
export const convNextTiny: Architecture = convNext("convnext_tiny", 96, [3, 3, 9, 3], 0.1);
/** ConvNeXt-small: 49.5 M parameters before the head. */
export const convNextSmall: Architecture = convNext("convnext_small", 96, [3, 3, 27, 3], 0.4);
/** ConvNeXt-base: 87.6 M parameters before the head. */
export const convNextBase: Architecture = convNext("convnext_base", 128, [3, 3, 27, 3], 0.5);

/** `depth` is the probability of dropping the last block in training; for the others it is proportional to their depth. */
function convNext(name: string, width: number, depths: readonly number[], depth: number): Architecture {
  const total = depths.reduce((a, b) => a + b, 0);
  const body: Stage[] = [
    stage("features.0", 0, (scope, x) =>
      channelNorm(scope, "features.0.1", conv2d(scope, "features.0.0", x, { channels: width, kernel: 4, stride: 4, bias: true })),
    ),
  ];
  let before = 0;
  for (const [i, count] of depths.entries()) {
    if (i > 0) body.push(stage(`features.${2 * i}`, 2 * i, (scope, x) => halve(scope, `features.${2 * i}`, x)));
    for (let k = 0; k < count; k++, before++) {
      const [block, drop] = [`features.${2 * i + 1}.${k}`, (depth * before) / (total - 1)];
      body.push(stage(block, 2 * i + 1, (scope, x) => residual(scope, block, x, drop)));
    }
  }
  const classify = (scope: Scope, x: Value): Value =>
    linear(scope, "classifier.2", layerNorm(scope, "classifier.0", averagePool(scope, x)), imageNetClasses);
  return {
    name,
    body,
    classifier: [{ name: "classifier", group: 2, apply: classify }],
    features: width * 2 ** (depths.length - 1),
    ...imageNetInput,
  };
}

function stage(name: string, at: number, apply: Stage["apply"]): Stage {
  return { name, group: at < FIRST_OF_SECOND_GROUP ? 0 : 1, apply };
}

/** Layer normalisation over the channels of [n, c, h, w]. */
function channelNorm(scope: Scope, name: string, x: Value): Value {
  return channelsFirst(scope, layerNorm(scope, name, channelsLast(scope, x)));
}

/** Doubles the channels and halves the size. */
function halve(scope: Scope, name: string, x: Value): Value {
  const normalised = channelNorm(scope, `${name}.0`, x);
  return conv2d(scope, `${name}.1`, normalised, { channels: 2 * channelsOf(x), kernel: 2, stride: 2, bias: true });
}

/** A depthwise 7×7 convolution, then two layers over the channels; the result is scaled and added to `x`. */
function residual(scope: Scope, name: string, x: Value, drop: number): Value {
  const { graph } = scope;
  const channels = channelsOf(x);
  const filtered = conv2d(scope, `${name}.block.0`, x, { channels, kernel: 7, padding: 3, groups: channels, bias: true });
  const normalised = layerNorm(scope, `${name}.block.2`, channelsLast(scope, filtered));
  const wide = gelu(scope, linear(scope, `${name}.block.3`, normalised, 4 * channels));
  const narrow = channelsFirst(scope, linear(scope, `${name}.block.5`, wide, channels));
  const scaled = graph.add("Mul", [narrow, scope.parameter(`${name}.layer_scale`, [channels, 1, 1], "scale")]);
  return graph.add("Add", [stochasticDepth(scope, `${name}.stochastic_depth`, scaled, drop), x]);
}
