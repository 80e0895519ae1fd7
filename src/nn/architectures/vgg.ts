// VGG with batch norm (Simonyan and Zisserman 2014) as torchvision builds it. Layer groups are fastai's: features before 22, features from
// 22 on.

import { float32 } from "../../core/tensor.ts";
import type { Value } from "../../graph/types.ts";
import { batchNorm, conv2d, linear, relu, sizeAlong } from "../layers.ts";
import { maxPool } from "../pooling.ts";
import type { Architecture, Scope, Stage } from "../scope.ts";
import { imageNetClasses, imageNetInput } from "./imagenet.ts";

const WIDTHS = [64, 128, 256, 512, 512] as const;
const FIRST_OF_SECOND_GROUP = 22;
/** Side of the published classifier's input map, and width of its hidden layers. */
const POOLED = 7;
const HIDDEN = 4096;

/** VGG with 16 layers: 14.7 M parameters before the head. */
export const vgg16: Architecture = vgg("vgg16_bn", [2, 2, 3, 3, 3]);
/** VGG with 19 layers: 20.0 M parameters before the head. */
export const vgg19: Architecture = vgg("vgg19_bn", [2, 2, 4, 4, 4]);

function vgg(name: string, depths: readonly number[]): Architecture {
  const body: Stage[] = [];
  // torchvision numbers convolutions, batch norms, ReLUs and pools individually.
  let at = 0;
  for (const [i, depth] of depths.entries()) {
    for (let k = 0; k < depth; k++, at += 3) body.push(convolution(at, WIDTHS[i] as number));
    const pool = (scope: Scope, x: Value): Value => maxPool(scope, x, { kernel: 2, stride: 2 });
    body.push({ name: `features.${at}`, group: groupOf(at), apply: pool });
    at++;
  }
  return { name, body, classifier: [{ name: "classifier", group: 2, apply: classify }], features: 512, ...imageNetInput };
}

function convolution(at: number, channels: number): Stage {
  const apply = (scope: Scope, x: Value): Value => {
    const convolved = conv2d(scope, `features.${at}`, x, { channels, kernel: 3, padding: 1, bias: true });
    return relu(scope, batchNorm(scope, `features.${at + 1}`, convolved));
  };
  return { name: `features.${at}`, group: groupOf(at), apply };
}

function groupOf(at: number): number {
  return at < FIRST_OF_SECOND_GROUP ? 0 : 1;
}

function classify(scope: Scope, x: Value): Value {
  const flat = scope.graph.add("Flatten", [adaptiveAverage(scope, x, POOLED)], { axis: 1 });
  const first = relu(scope, linear(scope, "classifier.0", flat, HIDDEN));
  const second = relu(scope, linear(scope, "classifier.3", first, HIDDEN));
  return linear(scope, "classifier.6", second, imageNetClasses);
}

/** [n, c, h, w] to [n, c, size, size], like PyTorch's AdaptiveAvgPool2d: each cell is the mean of the pixels that it touches. */
function adaptiveAverage(scope: Scope, x: Value, size: number): Value {
  const { graph } = scope;
  const [height, width] = [sizeAlong(x, 2), sizeAlong(x, 3)];
  if (height === size && width === size) return x;
  const rows = graph.add("MatMul", [graph.constant(float32(shares(height, size), [size, height])), x]);
  const columns = graph.add("Transpose", [graph.constant(float32(shares(width, size), [size, width]))], { perm: [1, 0] });
  return graph.add("MatMul", [rows, columns]);
}

/** The weight of each of `size` pixels in each of `cells` cells, cell by cell. */
function shares(size: number, cells: number): number[] {
  return Array.from({ length: cells }, (_, cell) => {
    const [start, end] = [Math.floor((cell * size) / cells), Math.ceil(((cell + 1) * size) / cells)];
    return Array.from({ length: size }, (_, pixel) => (pixel >= start && pixel < end ? 1 / (end - start) : 0));
  }).flat();
}
