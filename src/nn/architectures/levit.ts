// LeViT (Graham et al. 2021) by timm's names. Values stay maps, whose 1×1 convolutions are timm's linear layers. Attention's biases are
// resampled to the size of the image. Layer groups: stem, stage 0; stages 1 and 2.

import { sliceOf } from "../../graph/slice.ts";
import type { Value } from "../../graph/types.ts";
import { hardSwish } from "../activations.ts";
import { batchNorm, linear, normalisedConv, sizeAlong } from "../layers.ts";
import { averagePool } from "../pooling.ts";
import { relativeBias } from "../relative-bias.ts";
import type { Architecture, Scope, Stage } from "../scope.ts";
import { imageNetClasses, imageNetInput } from "./imagenet.ts";

interface StageSettings {
  readonly channels: number;
  readonly heads: number;
  /** Side of the map for which attention's biases were learnt. */
  readonly side: number;
}

/** The paper's LeViT-256. */
const STAGES: readonly StageSettings[] = [
  { channels: 256, heads: 4, side: 14 },
  { channels: 384, heads: 6, side: 7 },
  { channels: 512, heads: 8, side: 4 },
];
const [BLOCKS, KEY] = [4, 32];
const STEM = 4;

/** LeViT-256: 17.9 M parameters before the head. */
export const levit256: Architecture = {
  name: "levit_256",
  body: [
    { name: "stem", group: 0, apply: applyStem },
    ...STAGES.flatMap((settings, i): readonly Stage[] => {
      const group = i === 0 ? 0 : 1;
      const at = `stages.${i}`;
      const before = STAGES[i - 1];
      const halve = (from: StageSettings): Stage => ({
        name: `${at}.downsample`,
        group,
        apply: (scope, x) => halved(scope, `${at}.downsample`, x, from, settings.channels),
      });
      const blocks = Array.from({ length: BLOCKS }, (_, k): Stage => {
        const block = `${at}.blocks.${k}`;
        return { name: block, group, apply: (scope, x) => transform(scope, block, x, settings) };
      });
      return before ? [halve(before), ...blocks] : blocks;
    }),
  ],
  classifier: [{ name: "head", group: 2, apply: classify }],
  features: STAGES.at(-1)?.channels ?? Number.NaN,
  ...imageNetInput,
};

/** Four convolutions, each of which halves the size. */
function applyStem(scope: Scope, x: Value): Value {
  const width = STAGES[0]?.channels ?? Number.NaN;
  let value = x;
  for (let i = 1; i <= STEM; i++) {
    value = normalised(scope, `stem.conv${i}`, value, width / 2 ** (STEM - i), { kernel: 3, stride: 2 });
    if (i < STEM) value = hardSwish(scope, value);
  }
  return value;
}

/** Attention, then two layers on each place; both are added to their input. */
function transform(scope: Scope, name: string, x: Value, { channels, heads, side }: StageSettings): Value {
  const all = normalised(scope, `${name}.attn.qkv`, x, heads * (2 * KEY + 2 * KEY));
  const [queries, keys, values] = splitHeads(scope, all, heads, [KEY, KEY, 2 * KEY]) as [Value, Value, Value];
  const attended = attend(scope, `${name}.attn`, { queries, keys, values }, { heads, side, map: x, step: 1 });
  return mixed(scope, `${name}.mlp`, scope.graph.add("Add", [x, normalised(scope, `${name}.attn.proj.ln`, attended, channels)]));
}

/** Attention whose queries are every second place of every second row, then two layers. */
function halved(scope: Scope, name: string, x: Value, { channels: before, side }: StageSettings, channels: number): Value {
  const at = `${name}.attn_downsample`;
  const heads = before / KEY;
  const [keys, values] = splitHeads(scope, normalised(scope, `${at}.kv`, x, heads * (KEY + 4 * KEY)), heads, [KEY, 4 * KEY]) as [
    Value,
    Value,
  ];
  const [queries] = splitHeads(scope, normalised(scope, `${at}.q.ln`, x, heads * KEY, { kernel: 1, stride: 2 }), heads, [KEY]) as [Value];
  const attended = attend(scope, at, { queries, keys, values }, { heads, side, map: x, step: 2 });
  return mixed(scope, `${name}.mlp`, normalised(scope, `${at}.proj.ln`, attended, channels));
}

interface Attended {
  readonly queries: Value;
  readonly keys: Value;
  readonly values: Value;
}

interface AttentionSettings {
  readonly heads: number;
  readonly side: number;
  /** The map of the keys. */
  readonly map: Value;
  readonly step: number;
}

/** Each head's parts [n, heads, part, places] of a map whose channels hold, head by head, `parts`. */
function splitHeads({ graph }: Scope, x: Value, heads: number, parts: readonly number[]): readonly Value[] {
  const width = parts.reduce((a, b) => a + b, 0);
  const split = graph.add("Reshape", [x, graph.ints([0, heads, width, sizeAlong(x, 2) * sizeAlong(x, 3)])]);
  let start = 0;
  return parts.map((part) => {
    start += part;
    return sliceOf(graph, split, [{ axis: 2, start: start - part, end: start }]);
  });
}

/** The activated map [n, heads · part, h / step, w / step] of attention with relative biases. */
function attend(scope: Scope, name: string, { queries, keys, values }: Attended, { heads, side, map, step }: AttentionSettings): Value {
  const { graph } = scope;
  const [rows, columns] = [sizeAlong(map, 2), sizeAlong(map, 3)];
  const swapped = (x: Value): Value => graph.add("Transpose", [x], { perm: [0, 1, 3, 2] });
  const scores = graph.add("MatMul", [graph.add("Mul", [swapped(queries), graph.scalar(1 / Math.sqrt(KEY))]), keys]);
  const table = scope.parameter(`${name}.attention_biases`, [heads, side * side], "bias");
  const biased = graph.add("Add", [scores, relativeBias(scope, table, { side, size: [rows, columns], step })]);
  const summed = swapped(graph.add("MatMul", [graph.add("Softmax", [biased], { axis: -1 }), swapped(values)]));
  const shape = [0, heads * sizeAlong(values, 2), Math.ceil(rows / step), Math.ceil(columns / step)];
  return hardSwish(scope, graph.add("Reshape", [summed, graph.ints(shape)]));
}

/** Two layers on each place, added to `x`. */
function mixed(scope: Scope, name: string, x: Value): Value {
  const channels = sizeAlong(x, 1);
  const wide = hardSwish(scope, normalised(scope, `${name}.ln1`, x, 2 * channels));
  return scope.graph.add("Add", [x, normalised(scope, `${name}.ln2`, wide, channels)]);
}

function normalised(
  scope: Scope,
  name: string,
  x: Value,
  channels: number,
  window: { readonly kernel: number; readonly stride: number } = { kernel: 1, stride: 1 },
): Value {
  return normalisedConv(scope, `${name}.linear`, `${name}.bn`, x, { channels, ...window });
}

/** The mean of two classifiers, one of which was taught by another network. */
function classify(scope: Scope, x: Value): Value {
  const { graph } = scope;
  const pooled = averagePool(scope, x);
  const [own, taught] = ["head", "head_dist"].map((name) =>
    linear(scope, `${name}.linear`, batchNorm(scope, `${name}.bn`, pooled), imageNetClasses),
  ) as [Value, Value];
  return graph.add("Mul", [graph.add("Add", [own, taught]), graph.scalar(0.5)]);
}
