// MobileNetV4 (Qin et al. 2024) by timm's names. Layer groups: blocks 0 to 2, blocks 3 and 4.

import type { Value } from "../../graph/types.ts";
import { channelsOf, linear, normalisedConv, relu } from "../layers.ts";
import type { Architecture, Scope, Stage } from "../scope.ts";
import { imageNetClasses, imageNetInput } from "./imagenet.ts";
import { multipleOf8 } from "./mobilenet-v3.ts";

/** A block: [n, c, h, w] to [n, channels, h / stride, w / stride]. */
type Block = (scope: Scope, name: string, x: Value) => Value;

/** One convolution. */
const conv =
  (kernel: number, stride: number, channels: number): Block =>
  (scope, name, x) =>
    relu(scope, normalisedConv(scope, `${name}.conv`, `${name}.bn1`, x, { channels, kernel, stride }));

interface UniversalOptions {
  /** Kernels of the depthwise convolutions before and after the expansion; 0 for none. */
  readonly kernels: readonly [start: number, middle: number];
  readonly stride?: number;
  /** Expansion of the channels inside the block. */
  readonly expansion: number;
  readonly channels: number;
}

/** The universal inverted bottleneck: expands and projects, with a depthwise convolution before, between, both or neither. */
const universal =
  ({ kernels: [start, middle], stride = 1, expansion, channels }: UniversalOptions): Block =>
  (scope, name, x) => {
    const part = (suffix: string, from: Value, options: { channels: number; kernel: number; stride?: number; groups?: number }): Value =>
      normalisedConv(scope, `${name}.${suffix}.conv`, `${name}.${suffix}.bn`, from, options);
    const depthwise = (kernel: number, width: number, by: number) => ({ channels: width, groups: width, kernel, stride: by });
    const narrow = channelsOf(x);
    const first = start === 0 ? x : part("dw_start", x, depthwise(start, narrow, middle === 0 ? stride : 1));
    const width = multipleOf8(narrow * expansion);
    const wide = relu(scope, part("pw_exp", first, { channels: width, kernel: 1 }));
    const filtered = middle === 0 ? wide : relu(scope, part("dw_mid", wide, depthwise(middle, width, stride)));
    const projected = part("pw_proj", filtered, { channels, kernel: 1 });
    return stride === 1 && narrow === channels ? scope.graph.add("Add", [projected, x]) : projected;
  };

const times = (count: number, block: Block): readonly Block[] => Array.from({ length: count }, () => block);

/** The paper's table 11, by timm's stages. */
const CONV_SMALL: readonly (readonly Block[])[] = [
  [conv(3, 2, 32), conv(1, 1, 32)],
  [conv(3, 2, 96), conv(1, 1, 64)],
  [
    universal({ kernels: [5, 5], stride: 2, expansion: 3, channels: 96 }),
    ...times(4, universal({ kernels: [0, 3], expansion: 2, channels: 96 })),
    universal({ kernels: [3, 0], expansion: 4, channels: 96 }),
  ],
  [
    universal({ kernels: [3, 3], stride: 2, expansion: 6, channels: 128 }),
    universal({ kernels: [5, 5], expansion: 4, channels: 128 }),
    universal({ kernels: [0, 5], expansion: 4, channels: 128 }),
    universal({ kernels: [0, 5], expansion: 3, channels: 128 }),
    ...times(2, universal({ kernels: [0, 3], expansion: 4, channels: 128 })),
  ],
  [conv(1, 1, 960)],
];
const STEM = 32;
const FEATURES = 960;
const HIDDEN = 1280;
const FIRST_OF_SECOND_GROUP = 3;

/** MobileNetV4-Conv-Small: 2.5 M parameters before the head. */
export const mobileNetV4ConvSmall: Architecture = {
  name: "mobilenetv4_conv_small",
  body: [
    {
      name: "conv_stem",
      group: 0,
      apply: (scope, x) => relu(scope, normalisedConv(scope, "conv_stem", "bn1", x, { channels: STEM, kernel: 3, stride: 2 })),
    },
    ...CONV_SMALL.flatMap((blocks, i) =>
      blocks.map((block, k): Stage => {
        const name = `blocks.${i}.${k}`;
        return { name, group: i < FIRST_OF_SECOND_GROUP ? 0 : 1, apply: (scope, x) => block(scope, name, x) };
      }),
    ),
  ],
  classifier: [{ name: "classifier", group: 2, apply: classify }],
  features: FEATURES,
  ...imageNetInput,
};

/** The hidden layer is a convolution of the pooled features, with batch norm. */
function classify(scope: Scope, x: Value): Value {
  const pooled = scope.graph.add("GlobalAveragePool", [x]);
  const hidden = relu(scope, normalisedConv(scope, "conv_head", "norm_head", pooled, { channels: HIDDEN, kernel: 1 }));
  return linear(scope, "classifier", scope.graph.add("Flatten", [hidden], { axis: 1 }), imageNetClasses);
}
