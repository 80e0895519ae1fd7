// ResNet (He et al. 2015), ResNeXt (Xie et al. 2016) and Wide ResNet (Zagoruyko and Komodakis 2016) as torchvision builds them: in the
// bottleneck block of ResNet-50 and deeper the 3×3 convolution carries the stride.
// Layer groups are fastai's: stem, layer1 and layer2; layer3 and layer4.

import type { Value } from "../../graph/types.ts";
import { batchNorm, channelsOf, conv2d, linear, relu } from "../layers.ts";
import { averagePool, maxPool } from "../pooling.ts";
import type { Architecture, Scope, Stage } from "../scope.ts";
import { imageNetClasses, imageNetInput } from "./imagenet.ts";

interface BlockOptions {
  /** Channels of the block's 3×3 convolutions. */
  readonly width: number;
  readonly stride: number;
  /** How a bottleneck's 3×3 convolution differs from ResNet's: its groups, and the channels of each if `width` is 64. */
  readonly grouping?: Grouping | undefined;
}

interface Grouping {
  readonly groups: number;
  readonly groupWidth: number;
}

/** A residual block: [n, c, h, w] to [n, c', h / stride, w / stride]. */
type Block = (scope: Scope, name: string, x: Value, options: BlockOptions) => Value;

/** ResNet with 18 layers: 11.2 M parameters before the head. */
export const resnet18: Architecture = resnet("resnet18", basicBlock, [2, 2, 2, 2]);
/** ResNet with 34 layers: 21.3 M parameters before the head. */
export const resnet34: Architecture = resnet("resnet34", basicBlock, [3, 4, 6, 3]);
/** ResNet with 50 layers: 23.5 M parameters before the head. */
export const resnet50: Architecture = resnet("resnet50", bottleneckBlock, [3, 4, 6, 3]);
/** ResNet with 101 layers: 42.5 M parameters before the head. */
export const resnet101: Architecture = resnet("resnet101", bottleneckBlock, [3, 4, 23, 3]);
/** ResNet with 152 layers: 58.1 M parameters before the head. */
export const resnet152: Architecture = resnet("resnet152", bottleneckBlock, [3, 8, 36, 3]);
/** ResNeXt with 50 layers, 32 groups of 4 channels: 23.0 M parameters before the head. */
export const resnext50x32x4d: Architecture = resnet("resnext50_32x4d", bottleneckBlock, [3, 4, 6, 3], { groups: 32, groupWidth: 4 });
/** ResNeXt with 101 layers, 32 groups of 4 channels: 42.1 M parameters before the head. */
export const resnext101x32x4d: Architecture = resnet("resnext101_32x4d", bottleneckBlock, [3, 4, 23, 3], { groups: 32, groupWidth: 4 });
/** ResNeXt with 101 layers, 64 groups of 4 channels: 81.4 M parameters before the head. */
export const resnext101x64x4d: Architecture = resnet("resnext101_64x4d", bottleneckBlock, [3, 4, 23, 3], { groups: 64, groupWidth: 4 });
/** ResNet with 50 layers and bottlenecks twice as wide: 66.8 M parameters before the head. */
export const wideResnet50x2: Architecture = resnet("wide_resnet50_2", bottleneckBlock, [3, 4, 6, 3], { groups: 1, groupWidth: 128 });

function resnet(name: string, block: Block, depths: readonly number[], grouping?: Grouping): Architecture {
  const stem: readonly Stage[] = [
    { name: "conv1", group: 0, apply: (scope, x) => relu(scope, normalised(scope, "conv1", "bn1", x, 64, 7, 2)) },
    { name: "maxpool", group: 0, apply: (scope, x) => maxPool(scope, x, { kernel: 3, stride: 2, padding: 1 }) },
  ];
  const blocks = depths.flatMap((depth, layer) =>
    Array.from({ length: depth }, (_, i): Stage => {
      const stage = `layer${layer + 1}.${i}`;
      const options = { width: 64 * 2 ** layer, stride: layer > 0 && i === 0 ? 2 : 1, grouping };
      return { name: stage, group: layer < 2 ? 0 : 1, apply: (scope, x) => block(scope, stage, x, options) };
    }),
  );
  const classifier: Stage = { name: "fc", group: 2, apply: (scope, x) => linear(scope, "fc", averagePool(scope, x), imageNetClasses) };
  return { name, body: [...stem, ...blocks], classifier: [classifier], features: block === basicBlock ? 512 : 2048, ...imageNetInput };
}

/** Two 3×3 convolutions, the first with the stride, around a shortcut: [n, c, h, w] to [n, width, h / stride, w / stride]. */
export function basicBlock(scope: Scope, name: string, x: Value, { width, stride }: BlockOptions): Value {
  const first = relu(scope, normalised(scope, `${name}.conv1`, `${name}.bn1`, x, width, 3, stride));
  const second = normalised(scope, `${name}.conv2`, `${name}.bn2`, first, width, 3, 1);
  return relu(scope, scope.graph.add("Add", [second, shortcut(scope, name, x, width, stride)]));
}

function bottleneckBlock(scope: Scope, name: string, x: Value, { width, stride, grouping }: BlockOptions): Value {
  const { groups, groupWidth } = grouping ?? { groups: 1, groupWidth: 64 };
  const inner = ((width * groupWidth) / 64) * groups;
  const narrow = relu(scope, normalised(scope, `${name}.conv1`, `${name}.bn1`, x, inner, 1, 1));
  const middle = relu(scope, normalised(scope, `${name}.conv2`, `${name}.bn2`, narrow, inner, 3, stride, groups));
  const wide = normalised(scope, `${name}.conv3`, `${name}.bn3`, middle, 4 * width, 1, 1);
  return relu(scope, scope.graph.add("Add", [wide, shortcut(scope, name, x, 4 * width, stride)]));
}

/** The shortcut: `x` itself, or a 1×1 convolution if the shape changes. */
function shortcut(scope: Scope, name: string, x: Value, channels: number, stride: number): Value {
  if (stride === 1 && channelsOf(x) === channels) return x;
  return normalised(scope, `${name}.downsample.0`, `${name}.downsample.1`, x, channels, 1, stride);
}

function normalised(
  scope: Scope,
  conv: string,
  norm: string,
  x: Value,
  channels: number,
  kernel: number,
  stride: number,
  groups = 1,
): Value {
  return batchNorm(scope, norm, conv2d(scope, conv, x, { channels, kernel, stride, padding: (kernel - 1) / 2, groups }));
}
