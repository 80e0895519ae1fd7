// PP-HGNetV2 (PaddlePaddle 2023) by timm's names. Layer groups: stem, stages 0 and 1; stages 2 and 3.

import { float32 } from "../../core/tensor.ts";
import type { Value } from "../../graph/types.ts";
import { channelsOf, conv2d, linear, type NormalisedOptions, normalisedConv, relu, sizeAlong } from "../layers.ts";
import { maxPool } from "../pooling.ts";
import type { Architecture, Scope, Stage } from "../scope.ts";
import { imageNetClasses, imageNetInput } from "./imagenet.ts";

interface StageSettings {
  /** Channels of the layers in a block. */
  readonly inner: number;
  readonly channels: number;
  readonly blocks: number;
  /** Layers of a block, all of which its end sees. */
  readonly layers: number;
  readonly kernel: number;
  /** Whether a layer is a 1×1 and a depthwise convolution instead of a full one. */
  readonly light: boolean;
}

interface Settings {
  readonly stem: readonly [inner: number, channels: number];
  readonly stages: readonly StageSettings[];
  /** Whether a learnt factor and shift of all channels follow each ReLU. */
  readonly affine: boolean;
}

const stage = (inner: number, channels: number, blocks: number, layers: number, kernel: number, light: boolean): StageSettings => ({
  inner,
  channels,
  blocks,
  layers,
  kernel,
  light,
});

const FIRST_OF_SECOND_GROUP = 2;
const HIDDEN = 2048;

/** PP-HGNetV2-B0: 3.9 M parameters before the head. */
export const hgNetV2B0: Architecture = hgNet("hgnetv2_b0", {
  stem: [16, 16],
  stages: [stage(16, 64, 1, 3, 3, false), stage(32, 256, 1, 3, 3, false), stage(64, 512, 2, 3, 5, true), stage(128, 1024, 1, 3, 5, true)],
  affine: true,
});
/** PP-HGNetV2-B2: 6.0 M parameters before the head. */
export const hgNetV2B2: Architecture = hgNet("hgnetv2_b2", {
  stem: [24, 32],
  stages: [stage(32, 96, 1, 4, 3, false), stage(64, 384, 1, 4, 3, false), stage(128, 768, 3, 4, 5, true), stage(256, 1536, 1, 4, 5, true)],
  affine: true,
});
/** PP-HGNetV2-B4: 13.6 M parameters before the head. */
export const hgNetV2B4: Architecture = hgNet("hgnetv2_b4", {
  stem: [32, 48],
  stages: [
    stage(48, 128, 1, 6, 3, false),
    stage(96, 512, 1, 6, 3, false),
    stage(192, 1024, 3, 6, 5, true),
    stage(384, 2048, 1, 6, 5, true),
  ],
  affine: false,
});

function hgNet(name: string, { stem, stages, affine }: Settings): Architecture {
  const body = stages.flatMap((settings, i): readonly Stage[] => {
    const group = i < FIRST_OF_SECOND_GROUP ? 0 : 1;
    const at = `stages.${i}`;
    const halve: Stage = {
      name: `${at}.downsample`,
      group,
      apply: (scope, x) =>
        normalised(scope, `${at}.downsample`, x, { channels: channelsOf(x), kernel: 3, stride: 2, groups: channelsOf(x) }),
    };
    const blocks = Array.from({ length: settings.blocks }, (_, k): Stage => {
      const block = `${at}.blocks.${k}`;
      return { name: block, group, apply: (scope, x) => aggregate(scope, block, x, settings, { affine, residual: k > 0 }) };
    });
    return i === 0 ? blocks : [halve, ...blocks];
  });
  const features = stages.at(-1)?.channels ?? Number.NaN;
  return {
    name,
    body: [{ name: "stem", group: 0, apply: (scope, x) => applyStem(scope, x, stem, affine) }, ...body],
    classifier: [{ name: "head", group: 2, apply: (scope, x) => classify(scope, x, affine) }],
    features,
    ...imageNetInput,
  };
}

/** Halves twice; between, two paths of the same size, by convolutions of 2×2 and by maxima. */
function applyStem(scope: Scope, x: Value, [inner, channels]: Settings["stem"], affine: boolean): Value {
  const { graph } = scope;
  const layer = (name: string, from: Value, options: NormalisedOptions): Value => activated(scope, `stem.${name}`, from, options, affine);
  const half = layer("stem1", x, { channels: inner, kernel: 3, stride: 2 });
  const after = [0, 0, 1, 1] as const;
  const first = layer("stem2a", half, { channels: Math.floor(inner / 2), kernel: 2, padding: after });
  const filtered = layer("stem2b", first, { channels: inner, kernel: 2, padding: after });
  const highest = graph.add("Max", [maxPool(scope, half, { kernel: 2, stride: 1, padding: after }), edgeOf(scope, half)]);
  const joined = graph.add("Concat", [highest, filtered], { axis: 1 });
  const quarter = layer("stem3", joined, { channels: inner, kernel: 3, stride: 2 });
  return layer("stem4", quarter, { channels, kernel: 1 });
}

/**
 * Zeros in the last row and column, elsewhere the lowest number: the zeros beyond the edge count in the maxima, which matters where the
 * affine map makes values negative. Not as padding, which ONNX Runtime merges into the pooling, where it no longer counts.
 */
function edgeOf({ graph }: Scope, x: Value): Value {
  const [height, width] = [sizeAlong(x, 2), sizeAlong(x, 3)];
  const inside = (i: number): boolean => i % width < width - 1 && i < (height - 1) * width;
  const lowest = Math.fround(-3e38);
  return graph.constant(
    float32(
      Array.from({ length: height * width }, (_, i) => (inside(i) ? lowest : 0)),
      [1, 1, height, width],
    ),
  );
}

/** Layers in a row, whose inputs and outputs are mixed by two 1×1 convolutions; adds `x` if the block is residual. */
function aggregate(
  scope: Scope,
  name: string,
  x: Value,
  { inner, channels, layers, kernel, light }: StageSettings,
  { affine, residual }: { readonly affine: boolean; readonly residual: boolean },
): Value {
  const { graph } = scope;
  const outputs = [x];
  for (let i = 0; i < layers; i++) {
    const layer = `${name}.layers.${i}`;
    const last = outputs.at(-1) as Value;
    if (light) {
      const mixed = normalised(scope, `${layer}.conv1`, last, { channels: inner, kernel: 1 });
      outputs.push(activated(scope, `${layer}.conv2`, mixed, { channels: inner, kernel, groups: inner }, affine));
    } else outputs.push(activated(scope, layer, last, { channels: inner, kernel }, affine));
  }
  const all = graph.add("Concat", outputs, { axis: 1 });
  const squeezed = activated(scope, `${name}.aggregation.0`, all, { channels: channels / 2, kernel: 1 }, affine);
  const mixed = activated(scope, `${name}.aggregation.1`, squeezed, { channels, kernel: 1 }, affine);
  return residual ? graph.add("Add", [mixed, x]) : mixed;
}

function classify(scope: Scope, x: Value, affine: boolean): Value {
  const pooled = scope.graph.add("GlobalAveragePool", [x]);
  const hidden = relu(scope, conv2d(scope, "head.last_conv.0", pooled, { channels: HIDDEN, kernel: 1 }));
  const mapped = affine ? affineMap(scope, "head.last_conv.2", hidden) : hidden;
  return linear(scope, "head.fc", scope.graph.add("Flatten", [mapped], { axis: 1 }), imageNetClasses);
}

/** Batch norm, ReLU and the affine map after a convolution. */
function activated(scope: Scope, name: string, x: Value, options: NormalisedOptions, affine: boolean): Value {
  const positive = relu(scope, normalised(scope, name, x, options));
  return affine ? affineMap(scope, `${name}.lab`, positive) : positive;
}

/** A learnt factor and shift, one for all channels. */
function affineMap(scope: Scope, name: string, x: Value): Value {
  const { graph } = scope;
  const scaled = graph.add("Mul", [x, scope.parameter(`${name}.scale`, [1], "scale")]);
  return graph.add("Add", [scaled, scope.parameter(`${name}.bias`, [1], "shift")]);
}

function normalised(scope: Scope, name: string, x: Value, options: NormalisedOptions): Value {
  return normalisedConv(scope, `${name}.conv`, `${name}.bn`, x, options);
}
