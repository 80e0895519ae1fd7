// timm's parameter names for networks that thaw builds with torchvision's names. If timm uses torchvision's names (ResNet, DenseNet), or
// thaw timm's (Inception, NASNet, EfficientNet-Lite, MobileNetV4, PP-HGNetV2, vision transformers), there is nothing to translate.

import type { Architecture } from "../scope.ts";

/** thaw's name for the parameter that timm calls `name`; undefined if the network does not have it. */
export type Translation = (name: string) => string | undefined;

/** How to read a family's files. */
export interface TimmFormat {
  readonly translate: Translation;
  /** The ε of batch norm if it differs: `from` in timm, `to` in thaw. */
  readonly epsilon?: { readonly from: number; readonly to: number };
}

/** The positions of a block's parts: the index in the sequence of layers, or "last". */
type Layout = Readonly<Record<string, readonly [layer: number | "last", part: number]>>;

/** timm's DepthwiseSeparableConv, the first block of the networks below, and its InvertedResidual, all others. */
const SEPARABLE: Layout = { conv_dw: [0, 0], bn1: [0, 1], conv_pw: ["last", 0], bn2: ["last", 1] };
const INVERTED: Layout = { conv_pw: [0, 0], bn1: [0, 1], conv_dw: [1, 0], bn2: [1, 1], conv_pwl: ["last", 0], bn3: ["last", 1] };
const SQUEEZE: Readonly<Record<string, string>> = { "se.conv_reduce": "fc1", "se.conv_expand": "fc2" };

/** The number of blocks in each stage, as timm counts them, and whether they scale their channels. */
const V2_REPEATS = [1, 2, 3, 4, 3, 3, 1];
const V3_REPEATS = [1, 2, 3, 4, 2, 3];
const V3_GATED = [false, false, true, false, true, true];

const vgg: Translation = renamed({ "pre_logits.fc1": "classifier.0", "pre_logits.fc2": "classifier.3", "head.fc": "classifier.6" });

const mobileNetV2: Translation = blocks(
  { conv_stem: "features.0.0", bn1: "features.0.1", conv_head: "features.18.0", bn2: "features.18.1", classifier: "classifier.1" },
  (stage, block, part) => {
    const [layer, at] = placeOf(stage, part) ?? [];
    if (layer === undefined || at === undefined) return undefined;
    const before = stage === 0 ? 1 : 2;
    // The last convolution and its batch norm are layers of the block itself, not nested in a part.
    const place = layer === "last" ? `${before + at}` : `${layer}.${at}`;
    return `features.${indexOf(V2_REPEATS, stage, block)}.conv.${place}`;
  },
);

const mobileNetV3: Translation = blocks(
  {
    conv_stem: "features.0.0",
    bn1: "features.0.1",
    "blocks.6.0.conv": "features.16.0",
    "blocks.6.0.bn1": "features.16.1",
    conv_head: "classifier.0",
    classifier: "classifier.3",
  },
  (stage, block, part) => within(`features.${indexOf(V3_REPEATS, stage, block)}.block`, stage, V3_GATED[stage] ?? false, part),
);

const efficientNet: Translation = blocks(
  { conv_stem: "features.0.0", bn1: "features.0.1", conv_head: "features.8.0", bn2: "features.8.1", classifier: "classifier.1" },
  (stage, block, part) => within(`features.${stage + 1}.${block}.block`, stage, true, part),
);

const CONVNEXT_BLOCK: Readonly<Record<string, string>> = {
  conv_dw: "block.0",
  norm: "block.2",
  "mlp.fc1": "block.3",
  "mlp.fc2": "block.5",
};

const convNext: Translation = (name) => {
  const block = /^stages\.(\d)\.blocks\.(\d+)\.(.+)$/.exec(name);
  if (block) {
    const [, stage, index, rest = ""] = block;
    const at = `features.${2 * Number(stage) + 1}.${index}`;
    if (rest === "gamma") return `${at}.layer_scale`;
    const inner = renamed(CONVNEXT_BLOCK)(rest);
    return inner && `${at}.${inner}`;
  }
  const halving = /^stages\.([1-3])\.downsample\.(.+)$/.exec(name);
  if (halving) return `features.${2 * Number(halving[1])}.${halving[2]}`;
  return renamed({ "stem.0": "features.0.0", "stem.1": "features.0.1", "head.norm": "classifier.0", "head.fc": "classifier.2" })(name);
};

const FORMATS: readonly (readonly [family: RegExp, format: TimmFormat])[] = [
  [/^vgg/, { translate: (name) => (name.startsWith("features.") ? name : vgg(name)) }],
  [/^mobilenet_v2/, { translate: mobileNetV2 }],
  [/^mobilenet_v3/, { translate: mobileNetV3, epsilon: { from: 1e-5, to: 1e-3 } }],
  [/^efficientnet_b/, { translate: efficientNet }],
  [/^convnext/, { translate: convNext }],
  // The names are thaw's, but linear layers are 1×1 convolutions.
  [/^levit/, { translate: (name) => name }],
];

/** How to read timm's files for `architecture`; undefined if their names are thaw's. */
export function timmFormat({ name }: Architecture): TimmFormat | undefined {
  return FORMATS.find(([family]) => family.test(name))?.[1];
}

/** Translates a parameter's module and keeps its own name ("weight", "running_mean"). */
function renamed(modules: Readonly<Record<string, string>>): Translation {
  return (name) => {
    const dot = name.lastIndexOf(".");
    const module = modules[name.slice(0, dot)];
    return module && `${module}${name.slice(dot)}`;
  };
}

/** Translates `single` modules, and those of "blocks.<stage>.<block>.<part>" by `place`. */
function blocks(
  single: Readonly<Record<string, string>>,
  place: (stage: number, block: number, part: string) => string | undefined,
): Translation {
  return (name) => {
    const found = renamed(single)(name);
    const [, stage, block, part = "", own] = /^blocks\.(\d)\.(\d+)\.(.+)(\.\w+)$/.exec(name) ?? [];
    if (found || own === undefined) return found;
    const module = place(Number(stage), Number(block), part);
    return module && `${module}${own}`;
  };
}

/** The module of a block's part in torchvision's sequence of layers `name`. */
function within(name: string, stage: number, gated: boolean, part: string): string | undefined {
  const squeezed = stage === 0 ? 1 : 2;
  if (gated && SQUEEZE[part]) return `${name}.${squeezed}.${SQUEEZE[part]}`;
  const [layer, at] = placeOf(stage, part) ?? [];
  if (layer === undefined) return undefined;
  return `${name}.${layer === "last" ? squeezed + (gated ? 1 : 0) : layer}.${at}`;
}

function placeOf(stage: number, part: string): Layout[string] | undefined {
  return (stage === 0 ? SEPARABLE : INVERTED)[part];
}

/** The index, from 1 on, of block `block` of `stage` among all blocks. */
function indexOf(repeats: readonly number[], stage: number, block: number): number {
  return 1 + repeats.slice(0, stage).reduce((sum, count) => sum + count, 0) + block;
}
