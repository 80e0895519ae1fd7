// TinyViT (Wu et al. 2022) by timm's names: convolutions, then attention within windows of fixed size. Layer groups: patch_embed, stages 0
// and 1; stages 2 and 3.

import { sliceOf } from "../../graph/slice.ts";
import type { Value } from "../../graph/types.ts";
import { channelsFirst, channelsLast, gelu, layerNorm } from "../activations.ts";
import { channelsOf, linear, type NormalisedOptions, normalisedConv, sizeAlong, stochasticDepth } from "../layers.ts";
import { averagePool } from "../pooling.ts";
import { relativeBias } from "../relative-bias.ts";
import type { Architecture, Scope, Stage } from "../scope.ts";
import { imageNetClasses, imageNetInput } from "./imagenet.ts";

interface StageSettings {
  readonly channels: number;
  readonly blocks: number;
  /** Side of the windows of attention; absent in the first stage, which only convolves. */
  readonly window?: number;
}

/** Channels of an attention head, expansion within blocks, ε of layer normalisation. */
const [HEAD, EXPANSION, EPSILON] = [32, 4, 1e-5];
/** Probability of dropping the last block in training; for the others it is proportional to their depth. */
const DROP = 0.2;
const FIRST_OF_SECOND_GROUP = 2;

/** The paper's TinyViT-21M. */
const STAGES: readonly StageSettings[] = [
  { channels: 96, blocks: 2 },
  { channels: 192, blocks: 2, window: 7 },
  { channels: 384, blocks: 6, window: 14 },
  { channels: 576, blocks: 2, window: 7 },
];
const DEPTH = STAGES.reduce((sum, { blocks }) => sum + blocks, 0);

/** TinyViT-21M: 20.6 M parameters before the head. */
export const tinyVit21m: Architecture = {
  name: "tiny_vit_21m_224",
  body: [
    { name: "patch_embed", group: 0, apply: embed },
    ...STAGES.flatMap(({ channels, blocks, window }, i): readonly Stage[] => {
      const group = i < FIRST_OF_SECOND_GROUP ? 0 : 1;
      const at = `stages.${i}`;
      const before = STAGES.slice(0, i).reduce((sum, stage) => sum + stage.blocks, 0);
      const made = Array.from({ length: blocks }, (_, k): Stage => {
        const [name, drop] = [`${at}.blocks.${k}`, (DROP * (before + k)) / (DEPTH - 1)];
        const apply: Stage["apply"] =
          window === undefined ? (scope, x) => convolve(scope, name, x, drop) : (scope, x) => transform(scope, name, x, { window, drop });
        return { name, group, apply };
      });
      const down = `${at}.downsample`;
      return i === 0 ? made : [{ name: down, group, apply: (scope, x) => merge(scope, down, x, channels) }, ...made];
    }),
  ],
  classifier: [{ name: "head", group: 2, apply: classify }],
  features: STAGES.at(-1)?.channels ?? Number.NaN,
  ...imageNetInput,
};

/** Two convolutions, each of which halves the size. */
function embed(scope: Scope, x: Value): Value {
  const width = STAGES[0]?.channels ?? Number.NaN;
  const half = gelu(scope, normalised(scope, "patch_embed.conv1", x, { channels: width / 2, kernel: 3, stride: 2 }));
  return normalised(scope, "patch_embed.conv2", half, { channels: width, kernel: 3, stride: 2 });
}

/** Expands, filters each channel and projects. */
function convolve(scope: Scope, name: string, x: Value, drop: number): Value {
  const channels = channelsOf(x);
  const wide = EXPANSION * channels;
  const expanded = gelu(scope, normalised(scope, `${name}.conv1`, x, { channels: wide, kernel: 1 }));
  const filtered = gelu(scope, normalised(scope, `${name}.conv2`, expanded, { channels: wide, kernel: 3, groups: wide }));
  const projected = normalised(scope, `${name}.conv3`, filtered, { channels, kernel: 1 });
  return gelu(scope, scope.graph.add("Add", [stochasticDepth(scope, `${name}.drop_path`, projected, drop), x]));
}

/** Halves the size. */
function merge(scope: Scope, name: string, x: Value, channels: number): Value {
  const mixed = gelu(scope, normalised(scope, `${name}.conv1`, x, { channels, kernel: 1 }));
  const filtered = gelu(scope, normalised(scope, `${name}.conv2`, mixed, { channels, kernel: 3, stride: 2, groups: channels }));
  return normalised(scope, `${name}.conv3`, filtered, { channels, kernel: 1 });
}

/** Attention within windows, a filter of each channel, then two layers on each place. */
function transform(scope: Scope, name: string, x: Value, { window, drop }: { readonly window: number; readonly drop: number }): Value {
  const { graph } = scope;
  const channels = channelsOf(x);
  const added = (to: Value, branch: Value, i: number): Value =>
    graph.add("Add", [to, stochasticDepth(scope, `${name}.drop_path${i}`, branch, drop)]);
  const attended = added(x, channelsFirst(scope, inWindows(scope, `${name}.attn`, channelsLast(scope, x), window)), 1);
  const filtered = channelsLast(scope, normalised(scope, `${name}.local_conv`, attended, { channels, kernel: 3, groups: channels }));
  const wide = gelu(scope, linear(scope, `${name}.mlp.fc1`, layerNorm(scope, `${name}.mlp.norm`, filtered, EPSILON), EXPANSION * channels));
  return channelsFirst(scope, added(filtered, linear(scope, `${name}.mlp.fc2`, wide, channels), 2));
}

/** Attention of [n, h, w, c] within windows, the last of which are filled up with zeros. */
function inWindows(scope: Scope, name: string, x: Value, side: number): Value {
  const { graph } = scope;
  const [height, width, channels] = [1, 2, 3].map((axis) => sizeAlong(x, axis)) as [number, number, number];
  const [down, across] = [Math.ceil(height / side), Math.ceil(width / side)];
  const [rows, columns] = [down * side, across * side];
  const isWhole = rows === height && columns === width;
  const whole = isWhole ? x : graph.add("Pad", [x, graph.ints([0, 0, 0, 0, 0, rows - height, columns - width, 0])]);
  const regrouped = (value: Value, from: readonly number[], to: readonly number[]): Value => {
    const split = graph.add("Reshape", [value, graph.ints([0, ...from, channels])]);
    return graph.add("Reshape", [graph.add("Transpose", [split], { perm: [0, 1, 3, 2, 4, 5] }), graph.ints([0, ...to, channels])]);
  };
  const windows = regrouped(whole, [down, side, across, side], [down * across, side * side]);
  const attended = regrouped(attention(scope, name, windows, side), [down, across, side, side], [rows, columns]);
  return sliceOf(graph, attended, [
    { axis: 1, start: 0, end: height },
    { axis: 2, start: 0, end: width },
  ]);
}

/** Multi-head self-attention with relative biases: keeps the shape [n, windows, places, c]. */
function attention(scope: Scope, name: string, x: Value, side: number): Value {
  const { graph } = scope;
  const [windows, places, channels] = [1, 2, 3].map((axis) => sizeAlong(x, axis)) as [number, number, number];
  const heads = channels / HEAD;
  const all = linear(scope, `${name}.qkv`, layerNorm(scope, `${name}.norm`, x, EPSILON), 3 * channels);
  const split = graph.add("Reshape", [all, graph.ints([0, windows, places, heads, 3 * HEAD])]);
  const part = (i: number, perm: readonly number[]): Value =>
    graph.add("Transpose", [sliceOf(graph, split, [{ axis: 4, start: i * HEAD, end: (i + 1) * HEAD }])], { perm });
  const [queries, keys, values] = [part(0, [0, 1, 3, 2, 4]), part(1, [0, 1, 3, 4, 2]), part(2, [0, 1, 3, 2, 4])];
  const scores = graph.add("MatMul", [graph.add("Mul", [queries, graph.scalar(1 / Math.sqrt(HEAD))]), keys]);
  const table = scope.parameter(`${name}.attention_biases`, [heads, side * side], "bias");
  const biased = graph.add("Add", [scores, relativeBias(scope, table, { side })]);
  const summed = graph.add("MatMul", [graph.add("Softmax", [biased], { axis: -1 }), values]);
  const joined = graph.add("Reshape", [
    graph.add("Transpose", [summed], { perm: [0, 1, 3, 2, 4] }),
    graph.ints([0, windows, places, channels]),
  ]);
  return linear(scope, `${name}.proj`, joined, channels);
}

function classify(scope: Scope, x: Value): Value {
  return linear(scope, "head.fc", layerNorm(scope, "head.norm", averagePool(scope, x), EPSILON), imageNetClasses);
}

function normalised(scope: Scope, name: string, x: Value, options: NormalisedOptions): Value {
  return normalisedConv(scope, `${name}.conv`, `${name}.bn`, x, options);
}
