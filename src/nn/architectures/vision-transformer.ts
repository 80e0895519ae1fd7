// Vision transformers (Dosovitskiy et al. 2020) by timm's names, including DINOv2's (Oquab et al. 2023). Images can have any size from one
// patch on: position embeddings are resampled, and pixels beyond the last whole patch at the right and lower edge are ignored. Layer
// groups: blocks 0 to 5; the rest.

import { sliceOf } from "../../graph/slice.ts";
import type { Value } from "../../graph/types.ts";
import { gelu, layerNorm } from "../activations.ts";
import { conv2d, linear, sizeAlong } from "../layers.ts";
import { resampleGrid } from "../position-embedding.ts";
import type { Architecture, Scope, Stage } from "../scope.ts";
import { imageNetClasses, imageNetInput, tensorFlowInput } from "./imagenet.ts";

const BLOCKS = 12;
const FIRST_OF_SECOND_GROUP = 6;
/** Channels of an attention head. */
const HEAD = 64;

interface Settings {
  readonly width: number;
  /** Side of a patch in pixels. */
  readonly patch: number;
  /** Image size in pixels at which the position embeddings were learnt. */
  readonly size: number;
  /** Whether each branch is scaled per channel (LayerScale, Touvron et al. 2021). */
  readonly scaled: boolean;
}

const small16 = { width: 384, patch: 16, size: 224, scaled: false };
const base16 = { width: 768, patch: 16, size: 224, scaled: false };

/** ViT-small with patches of 16 pixels: 21.7 M parameters before the head. */
export const vitSmall: Architecture = { ...transformer("vit_small_patch16_224", small16), ...tensorFlowInput, classifier: classifier() };
/** ViT-base with patches of 16 pixels: 85.8 M parameters before the head. */
export const vitBase: Architecture = { ...transformer("vit_base_patch16_224", base16), ...tensorFlowInput, classifier: classifier() };
/** DINOv2's ViT-small with patches of 14 pixels, published without a classifier: 22.1 M parameters before the head. */
export const vitSmallDinoV2: Architecture = transformer("vit_small_patch14_dinov2", { width: 384, patch: 14, size: 518, scaled: true });
/** DINOv2's ViT-base with patches of 14 pixels, published without a classifier: 86.6 M parameters before the head. */
export const vitBaseDinoV2: Architecture = transformer("vit_base_patch14_dinov2", { width: 768, patch: 14, size: 518, scaled: true });

function transformer(name: string, settings: Settings): Architecture {
  const blocks = Array.from({ length: BLOCKS }, (_, i): Stage => {
    const block = `blocks.${i}`;
    return { name: block, group: i < FIRST_OF_SECOND_GROUP ? 0 : 1, apply: (scope, x) => transform(scope, block, x, settings) };
  });
  return {
    name,
    body: [
      { name: "patch_embed", group: 0, apply: (scope, x) => embed(scope, x, settings) },
      ...blocks,
      { name: "norm", group: 1, apply: (scope, x) => layerNorm(scope, "norm", x) },
    ],
    classifier: [],
    features: settings.width,
    ...imageNetInput,
    size: settings.size,
  };
}

/** timm's classifier: one layer on the class token. */
function classifier(): readonly Stage[] {
  const apply = (scope: Scope, x: Value): Value => {
    const token = scope.graph.add("Squeeze", [sliceOf(scope.graph, x, [{ axis: 1, start: 0, end: 1 }]), scope.graph.ints([1])]);
    return linear(scope, "head", token, imageNetClasses);
  };
  return [{ name: "head", group: 2, apply }];
}

/** Patches as tokens after a class token, each with its position embedding: [n, 3, h, w] to [n, 1 + patches, width]. */
function embed(scope: Scope, x: Value, { width, patch, size }: Settings): Value {
  const { graph } = scope;
  const patches = conv2d(scope, "patch_embed.proj", x, { channels: width, kernel: patch, stride: patch, bias: true });
  const [rows, columns] = [sizeAlong(patches, 2), sizeAlong(patches, 3)];
  const tokens = graph.add("Transpose", [graph.add("Reshape", [patches, graph.ints([0, width, rows * columns])])], { perm: [0, 2, 1] });
  const side = Math.floor(size / patch);
  const positions = scope.parameter("pos_embed", [1, 1 + side * side, width], "bias");
  const first = sliceOf(graph, positions, [{ axis: 1, start: 0, end: 1 }]);
  const grid = sliceOf(graph, positions, [{ axis: 1, start: 1, end: 1 + side * side }]);
  const classToken = graph.add("Add", [scope.parameter("cls_token", [1, 1, width], "bias"), first]);
  const offsets = graph.add("Concat", [classToken, resampleGrid(scope, grid, side, [rows, columns])], { axis: 1 });
  // The class token is padded as zeros, so that the batch may have any size.
  return graph.add("Add", [graph.add("Pad", [tokens, graph.ints([0, 1, 0, 0, 0, 0])]), offsets]);
}

/** Self-attention, then two layers on each token; both normalise first and are added to `x`. */
function transform(scope: Scope, name: string, x: Value, { width, scaled }: Settings): Value {
  const { graph } = scope;
  const add = (to: Value, branch: Value, scale: string): Value =>
    graph.add("Add", [to, scaled ? graph.add("Mul", [branch, scope.parameter(`${name}.${scale}.gamma`, [width], "scale")]) : branch]);
  const attended = add(x, attention(scope, `${name}.attn`, layerNorm(scope, `${name}.norm1`, x), width), "ls1");
  const wide = gelu(scope, linear(scope, `${name}.mlp.fc1`, layerNorm(scope, `${name}.norm2`, attended), 4 * width));
  return add(attended, linear(scope, `${name}.mlp.fc2`, wide, width), "ls2");
}

/** Multi-head self-attention (Vaswani et al. 2017) with heads of 64 channels: keeps the shape [n, tokens, width]. */
function attention(scope: Scope, name: string, x: Value, width: number): Value {
  const { graph } = scope;
  const tokens = sizeAlong(x, 1);
  const all = linear(scope, `${name}.qkv`, x, 3 * width);
  const part = (i: number, perm: readonly number[]): Value => {
    const values = sliceOf(graph, all, [{ axis: 2, start: i * width, end: (i + 1) * width }]);
    return graph.add("Transpose", [graph.add("Reshape", [values, graph.ints([0, tokens, width / HEAD, HEAD])])], { perm });
  };
  const [queries, keys, values] = [part(0, [0, 2, 1, 3]), part(1, [0, 2, 3, 1]), part(2, [0, 2, 1, 3])];
  const scores = graph.add("MatMul", [graph.add("Mul", [queries, graph.scalar(1 / Math.sqrt(HEAD))]), keys]);
  const mixed = graph.add("MatMul", [graph.add("Softmax", [scores], { axis: -1 }), values]);
  const joined = graph.add("Reshape", [graph.add("Transpose", [mixed], { perm: [0, 2, 1, 3] }), graph.ints([0, tokens, width])]);
  return linear(scope, `${name}.proj`, joined, width);
}
