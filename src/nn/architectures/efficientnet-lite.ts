// EfficientNet-Lite (Google 2020) by timm's names: EfficientNet without gates, with ReLU6, made for processors and 8 bit. timm has it twice:
// with TensorFlow's padding and ε, for Google's weights ("tf_"), and with PyTorch's. Layer groups: blocks 0 to 2, blocks 3 to 6.

import type { Value } from "../../graph/types.ts";
import { channelsOf, linear, normalisedConv, relu6 } from "../layers.ts";
import { averagePool } from "../pooling.ts";
import type { Architecture, Scope, Stage } from "../scope.ts";
import { B0_STAGES } from "./efficientnet.ts";
import { imageNetClasses, imageNetInput, tensorFlowInput } from "./imagenet.ts";
import { multipleOf8 } from "./mobilenet-v3.ts";

const STEM = 32;
const FEATURES = 1280;
const FIRST_OF_SECOND_GROUP = 3;

/** How a convolution is padded, and what its batch norm adds to the variance. */
interface Convention {
  readonly padding?: "same";
  readonly epsilon?: number;
}

const TENSORFLOW: Convention = { padding: "same", epsilon: 1e-3 };

/** EfficientNet-Lite0 with PyTorch's padding: 3.4 M parameters before the head. */
export const efficientNetLite0: Architecture = { ...lite("efficientnet_lite0", 1, 1, {}), ...imageNetInput };
/** EfficientNet-Lite0 with TensorFlow's padding: 3.4 M parameters before the head. */
export const tfEfficientNetLite0: Architecture = {
  ...lite("tf_efficientnet_lite0", 1, 1, TENSORFLOW),
  ...tensorFlowInput,
  size: 224,
  sharperSize: 288,
};
/** EfficientNet-Lite1 with TensorFlow's padding: 4.1 M parameters before the head. */
export const tfEfficientNetLite1: Architecture = { ...lite("tf_efficientnet_lite1", 1, 1.1, TENSORFLOW), ...tensorFlowInput, size: 240 };
/** EfficientNet-Lite2 with TensorFlow's padding: 4.8 M parameters before the head. */
export const tfEfficientNetLite2: Architecture = { ...lite("tf_efficientnet_lite2", 1.1, 1.2, TENSORFLOW), ...tensorFlowInput, size: 260 };

type Network = Pick<Architecture, "name" | "body" | "classifier" | "features">;

interface BlockOptions {
  readonly expansion: number;
  readonly kernel: number;
  readonly stride: number;
  readonly channels: number;
}

/** Stem and head keep their width, the first and the last stage their single block, whatever the multipliers. */
function lite(name: string, width: number, depth: number, convention: Convention): Network {
  const stem: Stage["apply"] = (scope, x) =>
    relu6(scope, normalisedConv(scope, "conv_stem", "bn1", x, { channels: STEM, kernel: 3, stride: 2, ...convention }));
  const head: Stage["apply"] = (scope, x) =>
    relu6(scope, normalisedConv(scope, "conv_head", "bn2", x, { channels: FEATURES, kernel: 1, ...convention }));
  const blocks = B0_STAGES.flatMap(([expansion, kernel, stride, channels, repeats], i) =>
    Array.from({ length: i === 0 || i === B0_STAGES.length - 1 ? repeats : Math.ceil(repeats * depth) }, (_, k): Stage => {
      const block = `blocks.${i}.${k}`;
      const options = { expansion, kernel, stride: k === 0 ? stride : 1, channels: multipleOf8(channels * width) };
      const apply = expansion === 1 ? separable : invertedResidual;
      return { name: block, group: i < FIRST_OF_SECOND_GROUP ? 0 : 1, apply: (scope, x) => apply(scope, block, x, options, convention) };
    }),
  );
  return {
    name,
    body: [{ name: "conv_stem", group: 0, apply: stem }, ...blocks, { name: "conv_head", group: 1, apply: head }],
    classifier: [
      { name: "classifier", group: 2, apply: (scope, x) => linear(scope, "classifier", averagePool(scope, x), imageNetClasses) },
    ],
    features: FEATURES,
  };
}

/** Filters each channel, then projects. */
function separable(scope: Scope, name: string, x: Value, { kernel, stride, channels }: BlockOptions, convention: Convention): Value {
  const width = channelsOf(x);
  const depthwise = { channels: width, kernel, stride, groups: width, ...convention };
  const filtered = relu6(scope, normalisedConv(scope, `${name}.conv_dw`, `${name}.bn1`, x, depthwise));
  return normalisedConv(scope, `${name}.conv_pw`, `${name}.bn2`, filtered, { channels, kernel: 1, ...convention });
}

/** Expands, filters each channel, projects; adds `x` if the shape is unchanged. */
function invertedResidual(
  scope: Scope,
  name: string,
  x: Value,
  { expansion, kernel, stride, channels }: BlockOptions,
  convention: Convention,
): Value {
  const width = multipleOf8(channelsOf(x) * expansion);
  const wide = relu6(scope, normalisedConv(scope, `${name}.conv_pw`, `${name}.bn1`, x, { channels: width, kernel: 1, ...convention }));
  const depthwise = { channels: width, kernel, stride, groups: width, ...convention };
  const filtered = relu6(scope, normalisedConv(scope, `${name}.conv_dw`, `${name}.bn2`, wide, depthwise));
  const narrow = normalisedConv(scope, `${name}.conv_pwl`, `${name}.bn3`, filtered, { channels, kernel: 1, ...convention });
  return stride === 1 && channelsOf(x) === channels ? scope.graph.add("Add", [narrow, x]) : narrow;
}
