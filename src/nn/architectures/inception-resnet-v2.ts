// Inception-ResNet-v2 (Szegedy et al. 2016) as timm builds it. Layer groups are fastai's: up to the first repeated block; from mixed_6a on.

import type { Value } from "../../graph/types.ts";
import { channelsOf, conv2d, linear, relu } from "../layers.ts";
import { averagePool } from "../pooling.ts";
import type { Architecture, Scope, Stage } from "../scope.ts";
import { imageNetClasses, tensorFlowInput } from "./imagenet.ts";
import { averageBranch, branch, join, keep, maxBranch, reduce, type Unit, unit } from "./inception.ts";

interface Residual {
  /** The factor on the branches before they are added. */
  readonly scale: number;
  readonly branches: readonly (readonly Unit[])[];
  /** Whether ReLU follows; default true. */
  readonly activated?: boolean;
}

const BLOCK_35: Residual = {
  scale: 0.17,
  branches: [[keep(32, 1)], [keep(32, 1), keep(32, 3)], [keep(32, 1), keep(48, 3), keep(64, 3)]],
};
const BLOCK_17: Residual = { scale: 0.1, branches: [[keep(192, 1)], [keep(128, 1), keep(160, [1, 7]), keep(192, [7, 1])]] };
const BLOCK_8: Residual = { scale: 0.2, branches: [[keep(192, 1)], [keep(192, 1), keep(224, [1, 3]), keep(256, [3, 1])]] };

/** Inception-ResNet-v2: 54.3 M parameters before the head; images of at least 75 pixels. */
export const inceptionResNetV2: Architecture = {
  name: "inception_resnet_v2",
  body: [
    convolution("conv2d_1a", 0, reduce(32)),
    convolution("conv2d_2a", 0, { channels: 32, kernel: 3 }),
    convolution("conv2d_2b", 0, keep(64, 3)),
    { name: "maxpool_3a", group: 0, apply: maxBranch },
    convolution("conv2d_3b", 0, keep(80, 1)),
    convolution("conv2d_4a", 0, { channels: 192, kernel: 3 }),
    { name: "maxpool_5a", group: 0, apply: maxBranch },
    { name: "mixed_5b", group: 0, apply: mixed5b },
    ...repeated("repeat", 0, 10, BLOCK_35),
    mixed("mixed_6a", [[reduce(384)], [keep(256, 1), keep(256, 3), reduce(384)]]),
    ...repeated("repeat_1", 1, 20, BLOCK_17),
    mixed("mixed_7a", [
      [keep(256, 1), reduce(384)],
      [keep(256, 1), reduce(288)],
      [keep(256, 1), keep(288, 3), reduce(320)],
    ]),
    ...repeated("repeat_2", 1, 9, BLOCK_8),
    { name: "block8", group: 1, apply: (scope, x) => residual(scope, "block8", x, { ...BLOCK_8, scale: 1, activated: false }) },
    convolution("conv2d_7b", 1, keep(1536, 1)),
  ],
  classifier: [{ name: "classif", group: 2, apply: (scope, x) => linear(scope, "classif", averagePool(scope, x), imageNetClasses) }],
  features: 1536,
  size: 299,
  ...tensorFlowInput,
};

function convolution(name: string, group: number, options: Unit): Stage {
  return { name, group, apply: (scope, x) => unit(scope, name, x, options) };
}

/** Branches that halve the size, concatenated with max pooling. */
function mixed(name: string, branches: readonly (readonly Unit[])[]): Stage {
  return { name, group: 1, apply: (scope, x) => join(scope, [...applied(scope, name, x, branches), maxBranch(scope, x)]) };
}

function repeated(name: string, group: number, count: number, block: Residual): Stage[] {
  return Array.from({ length: count }, (_, i): Stage => {
    const at = `${name}.${i}`;
    return { name: at, group, apply: (scope, x) => residual(scope, at, x, block) };
  });
}

function applied(scope: Scope, name: string, x: Value, branches: readonly (readonly Unit[])[]): Value[] {
  return branches.map((units, i) => branch(scope, `${name}.branch${i}`, x, units));
}

function mixed5b(scope: Scope, x: Value): Value {
  const branches = applied(scope, "mixed_5b", x, [[keep(96, 1)], [keep(48, 1), keep(64, 5)], [keep(64, 1), keep(96, 3), keep(96, 3)]]);
  return join(scope, [...branches, averageBranch(scope, "mixed_5b.branch3", x, 64)]);
}

/** Concatenated branches, projected to the channels of `x` by a 1×1 convolution, scaled, and added to `x`. */
function residual(scope: Scope, name: string, x: Value, { scale, branches, activated = true }: Residual): Value {
  const { graph } = scope;
  const joined = join(scope, applied(scope, name, x, branches));
  const restored = conv2d(scope, `${name}.conv2d`, joined, { channels: channelsOf(x), kernel: 1, bias: true });
  const scaled = scale === 1 ? restored : graph.add("Mul", [restored, graph.scalar(scale)]);
  const sum = graph.add("Add", [scaled, x]);
  return activated ? relu(scope, sum) : sum;
}
