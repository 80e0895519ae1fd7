// NASNet-A-large (Zoph et al. 2017) as timm builds it. The input of every cell is the two before it, so two maps of the same size cross the
// cut, concatenated along the channels. Layer groups: up to cell_5, an eighth of the input's size; from reduction_cell_0 on.

import { sliceOf } from "../../graph/slice.ts";
import type { Value } from "../../graph/types.ts";
import { batchNorm, channelsOf, conv2d, linear, relu } from "../layers.ts";
import { averagePool, maxPool, windowAverage } from "../pooling.ts";
import type { Architecture, Scope } from "../scope.ts";
import { imageNetClasses, tensorFlowInput } from "./imagenet.ts";

const STEM = 96;
/** Channels of the branches in the first cells; they double with each reduction. */
const WIDTH = 168;
const FEATURES = 24 * WIDTH;
const NORM = { epsilon: 1e-3 };

/** A cell's output and the one before it. */
type Pair = readonly [x: Value, previous: Value];

/** NASNet-A-large: 84.7 M parameters before the head. */
export const nasNetALarge: Architecture = {
  name: "nasnetalarge",
  body: [
    {
      name: "conv0",
      group: 0,
      apply: (scope, x) => scope.graph.add("Concat", normalCells(scope, stem(scope, x), 0, WIDTH), { axis: 1 }),
    },
    {
      name: "reduction_cell_0",
      group: 1,
      apply(scope, x) {
        const middle = normalCells(scope, reduceCell(scope, 0, split(scope, x), 2 * WIDTH), 6, 2 * WIDTH);
        const [last] = normalCells(scope, reduceCell(scope, 1, middle, 4 * WIDTH), 12, 4 * WIDTH);
        return relu(scope, last);
      },
    },
  ],
  classifier: [
    { name: "last_linear", group: 2, apply: (scope, x) => linear(scope, "last_linear", averagePool(scope, x), imageNetClasses) },
  ],
  features: FEATURES,
  size: 331,
  ...tensorFlowInput,
};

/** The two equal halves of the channels. */
function split({ graph }: Scope, x: Value): Pair {
  const half = channelsOf(x) / 2;
  const part = (start: number): Value => sliceOf(graph, x, [{ axis: 1, start, end: start + half }]);
  return [part(0), part(half)];
}

/** The first convolution and two cells that reduce, to an eighth of the size. */
function stem(scope: Scope, image: Value): Pair {
  const conv0 = batchNorm(scope, "conv0.bn", conv2d(scope, "conv0.conv", image, { channels: STEM, kernel: 3, stride: 2 }), NORM);
  const first = narrowed(scope, "cell_stem_0.conv_1x1", conv0, WIDTH / 4);
  const stem0 = reduction(scope, "cell_stem_0", first, conv0, WIDTH / 4);
  const second = narrowed(scope, "cell_stem_1.conv_1x1", stem0, WIDTH / 2);
  const stem1 = reduction(scope, "cell_stem_1", second, halved(scope, "cell_stem_1", conv0, WIDTH / 4), WIDTH / 2);
  return [stem1, stem0];
}

/** Six cells that keep the size, numbered from `first`. The second input of the first cell is twice as large, so that cell halves it. */
function normalCells(scope: Scope, pair: Pair, first: number, width: number): Pair {
  return Array.from({ length: 6 }, (_, i) => i).reduce<Pair>(([x, previous], i) => {
    const name = `cell_${first + i}`;
    const left = i === 0 ? halved(scope, name, previous, width / 2) : narrowed(scope, `${name}.conv_prev_1x1`, previous, width);
    return [normalCell(scope, name, narrowed(scope, `${name}.conv_1x1`, x, width), left, width), x];
  }, pair);
}

function reduceCell(scope: Scope, i: number, [x, previous]: Pair, width: number): Pair {
  const name = `reduction_cell_${i}`;
  const left = narrowed(scope, `${name}.conv_prev_1x1`, previous, width);
  return [reduction(scope, name, narrowed(scope, `${name}.conv_1x1`, x, width), left, width), previous];
}

function normalCell(scope: Scope, name: string, right: Value, left: Value, width: number): Value {
  const { graph } = scope;
  const filtered = (at: string, x: Value, kernel: number): Value => separable(scope, `${name}.comb_iter_${at}`, x, width, kernel, 1);
  const average = (x: Value): Value => windowAverage(scope, x, { kernel: 3, stride: 1, padding: 1 });
  const means = average(left);
  const parts = [
    left,
    graph.add("Add", [filtered("0_left", right, 5), filtered("0_right", left, 3)]),
    graph.add("Add", [filtered("1_left", left, 5), filtered("1_right", left, 3)]),
    graph.add("Add", [average(right), left]),
    graph.add("Add", [means, means]),
    graph.add("Add", [filtered("4_left", right, 3), right]),
  ];
  return graph.add("Concat", parts, { axis: 1 });
}

/** Halves the size of `x` and of `other`, which in the first stem cell still has the channels of the first convolution. */
function reduction(scope: Scope, name: string, x: Value, other: Value, width: number): Value {
  const { graph } = scope;
  const filtered = (at: string, value: Value, kernel: number, stride: number): Value =>
    separable(scope, `${name}.comb_iter_${at}`, value, width, kernel, stride);
  const window = { kernel: 3, stride: 2, padding: "same" } as const;
  const maximum = maxPool(scope, x, window);
  const first = graph.add("Add", [filtered("0_left", x, 5, 2), filtered("0_right", other, 7, 2)]);
  const second = graph.add("Add", [maximum, filtered("1_right", other, 7, 2)]);
  // timm pads before it averages, so here the zeros of the padding count.
  const third = graph.add("Add", [windowAverage(scope, x, { ...window, countPadding: true }), filtered("2_right", other, 5, 2)]);
  const fourth = graph.add("Add", [windowAverage(scope, first, { kernel: 3, stride: 1, padding: 1 }), second]);
  const fifth = graph.add("Add", [filtered("4_left", first, 3, 1), maximum]);
  return graph.add("Concat", [second, third, fourth, fifth], { axis: 1 });
}

/** ReLU, 1×1 convolution, batch norm. */
function narrowed(scope: Scope, name: string, x: Value, channels: number): Value {
  return batchNorm(scope, `${name}.bn`, conv2d(scope, `${name}.conv`, relu(scope, x), { channels, kernel: 1 }), NORM);
}

/** Halves the size by 1×1 convolutions of the even and of the odd pixels: [n, c, h, w] to [n, 2 · channels, ⌈h / 2⌉, ⌈w / 2⌉]. */
function halved(scope: Scope, name: string, x: Value, channels: number): Value {
  const activated = relu(scope, x);
  const [height, width] = [x.shape[2] as number, x.shape[3] as number];
  const odd = sliceOf(scope.graph, activated, [
    { axis: 2, start: 1, end: height },
    { axis: 3, start: 1, end: width },
  ]);
  const even = conv2d(scope, `${name}.path_1.conv`, activated, { channels, kernel: 1, stride: 2 });
  // An odd size has one odd pixel fewer: zeros after them replace the last.
  const rest = conv2d(scope, `${name}.path_2.conv`, odd, { channels, kernel: 1, stride: 2, padding: [0, 0, height % 2, width % 2] });
  return batchNorm(scope, `${name}.final_path_bn`, scope.graph.add("Concat", [even, rest], { axis: 1 }), NORM);
}

/** Twice ReLU, a depthwise and a 1×1 convolution and batch norm; the first depthwise convolution has the stride. */
function separable(scope: Scope, name: string, x: Value, channels: number, kernel: number, stride: number): Value {
  const once = (at: number, value: Value, step: number): Value => {
    const base = `${name}.separable_${at}`;
    const groups = channelsOf(value);
    const activated = relu(scope, value);
    const filtered = conv2d(scope, `${base}.depthwise_conv2d`, activated, {
      channels: groups,
      kernel,
      stride: step,
      padding: "same",
      groups,
    });
    const mixed = conv2d(scope, `${base}.pointwise_conv2d`, filtered, { channels, kernel: 1 });
    return batchNorm(scope, `${name}.bn_sep_${at}`, mixed, NORM);
  };
  return once(2, once(1, x, stride), 1);
}
