// MobileNetV4 (Qin et al. 2024) by timm's names. Layer groups: blocks 0 to 2, blocks 3 and 4.

import type { Value } from "../../graph/types.ts";
import { batchNorm, channelsOf, conv2d, linear, normalisedConv, relu, sizeAlong } from "../layers.ts";
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
  /** Whether the result is scaled by a learnt factor for each channel (LayerScale, Touvron et al. 2021); default false. */
  readonly scaled?: boolean;
}

/** The universal inverted bottleneck: expands and projects, with a depthwise convolution before, between, both or neither. */
const universal =
  ({ kernels: [start, middle], stride = 1, expansion, channels, scaled = false }: UniversalOptions): Block =>
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
    const result = scaled ? layerScale(scope, name, projected) : projected;
    return stride === 1 && narrow === channels ? scope.graph.add("Add", [result, x]) : result;
  };

function layerScale(scope: Scope, name: string, x: Value): Value {
  const { graph } = scope;
  const channels = channelsOf(x);
  const factors = scope.parameter(`${name}.layer_scale.gamma`, [channels], "scale");
  return graph.add("Mul", [x, graph.add("Reshape", [factors, graph.ints([channels, 1, 1])])]);
}

/** Expands by a full convolution that halves the size, and projects. */
const fused =
  (expansion: number, channels: number): Block =>
  (scope, name, x) => {
    const width = multipleOf8(channelsOf(x) * expansion);
    const wide = relu(scope, normalisedConv(scope, `${name}.conv_exp`, `${name}.bn1`, x, { channels: width, kernel: 3, stride: 2 }));
    return normalisedConv(scope, `${name}.conv_pwl`, `${name}.bn2`, wide, { channels, kernel: 1 });
  };

/** Heads of attention, and channels of each. */
const [HEADS, KEY] = [4, 64];

/** Attention whose heads share keys and values, which a depthwise convolution makes every `step`th place; added to `x`. */
const multiQuery =
  (step: 1 | 2): Block =>
  (scope, name, x) => {
    const { graph } = scope;
    const [channels, rows, columns] = [1, 2, 3].map((axis) => sizeAlong(x, axis)) as [number, number, number];
    const places = rows * columns;
    const normal = batchNorm(scope, `${name}.norm`, x);
    const shared = (part: string): Value => {
      const at = `${name}.attn.${part}`;
      const down = { channels, groups: channels, kernel: 3, stride: step };
      const from = step === 1 ? normal : normalisedConv(scope, `${at}.down_conv`, `${at}.norm`, normal, down);
      const projected = conv2d(scope, `${at}.proj`, from, { channels: KEY, kernel: 1 });
      return graph.add("Reshape", [projected, graph.ints([0, KEY, sizeAlong(projected, 2) * sizeAlong(projected, 3)])]);
    };
    const all = conv2d(scope, `${name}.attn.query.proj`, normal, { channels: HEADS * KEY, kernel: 1 });
    const swapped = (value: Value): Value => graph.add("Transpose", [value], { perm: [0, 1, 3, 2] });
    const split = swapped(graph.add("Reshape", [all, graph.ints([0, HEADS, KEY, places])]));
    // As keys are shared, the heads are more rows of one product.
    const queries = graph.add("Reshape", [
      graph.add("Mul", [split, graph.scalar(1 / Math.sqrt(KEY))]),
      graph.ints([0, HEADS * places, KEY]),
    ]);
    const weights = graph.add("Softmax", [graph.add("MatMul", [queries, shared("key")])], { axis: -1 });
    const summed = graph.add("MatMul", [weights, graph.add("Transpose", [shared("value")], { perm: [0, 2, 1] })]);
    const joined = swapped(graph.add("Reshape", [summed, graph.ints([0, HEADS, places, KEY])]));
    const map = graph.add("Reshape", [joined, graph.ints([0, HEADS * KEY, rows, columns])]);
    const attended = conv2d(scope, `${name}.attn.output.proj`, map, { channels, kernel: 1 });
    return graph.add("Add", [layerScale(scope, name, attended), x]);
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

/** A universal block of the hybrid networks. */
const scaled = (start: number, middle: number, expansion: number, channels: number, stride = 1): Block =>
  universal({ kernels: [start, middle], stride, expansion, channels, scaled: true });

/** timm's table of the hybrid network, in which attention follows convolutions where the map is small. */
const HYBRID_MEDIUM: readonly (readonly Block[])[] = [
  [fused(4, 48)],
  [scaled(3, 5, 4, 80, 2), scaled(3, 3, 2, 80)],
  [
    scaled(3, 5, 6, 160, 2),
    scaled(0, 0, 2, 160),
    scaled(3, 3, 4, 160),
    scaled(3, 5, 4, 160),
    multiQuery(2),
    scaled(3, 3, 4, 160),
    multiQuery(2),
    scaled(3, 0, 4, 160),
    multiQuery(2),
    scaled(3, 3, 4, 160),
    multiQuery(2),
    scaled(3, 0, 4, 160),
  ],
  [
    scaled(5, 5, 6, 256, 2),
    scaled(5, 5, 4, 256),
    ...times(2, scaled(3, 5, 4, 256)),
    scaled(0, 0, 2, 256),
    scaled(3, 5, 2, 256),
    scaled(0, 0, 2, 256),
    scaled(0, 0, 4, 256),
    multiQuery(1),
    scaled(3, 0, 4, 256),
    multiQuery(1),
    scaled(5, 5, 4, 256),
    multiQuery(1),
    scaled(5, 0, 4, 256),
    multiQuery(1),
    scaled(5, 0, 4, 256),
  ],
  [conv(1, 1, 960)],
];
const STEM = 32;
const FEATURES = 960;
const HIDDEN = 1280;
const FIRST_OF_SECOND_GROUP = 3;

/** MobileNetV4-Conv-Small: 2.5 M parameters before the head. */
export const mobileNetV4ConvSmall: Architecture = mobileNetV4("mobilenetv4_conv_small", CONV_SMALL);
/** MobileNetV4-Hybrid-Medium, with attention between convolutions: 8.6 M parameters before the head. */
export const mobileNetV4HybridMedium: Architecture = { ...mobileNetV4("mobilenetv4_hybrid_medium", HYBRID_MEDIUM), size: 256 };

function mobileNetV4(name: string, stages: readonly (readonly Block[])[]): Architecture {
  return {
    name,
    body: [
      {
        name: "conv_stem",
        group: 0,
        apply: (scope, x) => relu(scope, normalisedConv(scope, "conv_stem", "bn1", x, { channels: STEM, kernel: 3, stride: 2 })),
      },
      ...stages.flatMap((blocks, i) =>
        blocks.map((block, k): Stage => {
          const at = `blocks.${i}.${k}`;
          return { name: at, group: i < FIRST_OF_SECOND_GROUP ? 0 : 1, apply: (scope, x) => block(scope, at, x) };
        }),
      ),
    ],
    classifier: [{ name: "classifier", group: 2, apply: classify }],
    features: FEATURES,
    ...imageNetInput,
  };
}

/** The hidden layer is a convolution of the pooled features, with batch norm. */
function classify(scope: Scope, x: Value): Value {
  const pooled = scope.graph.add("GlobalAveragePool", [x]);
  const hidden = relu(scope, normalisedConv(scope, "conv_head", "norm_head", pooled, { channels: HIDDEN, kernel: 1 }));
  return linear(scope, "classifier", scope.graph.add("Flatten", [hidden], { axis: 1 }), imageNetClasses);
}
