// Gradients of pooling. Among equal maxima the first in the window gets the gradient, as in PyTorch.

import { float32 } from "../../core/tensor.ts";
import { ONNX_TYPES } from "../element-types.ts";
import { maxPoolGradient } from "../max-pool.ts";
import { padZeros } from "../pad.ts";
import { intAttribute, staticShape, type Value } from "../types.ts";
import type { GradientContext, GradientRule } from "./rule.ts";
import { reshapeTo } from "./shape.ts";
import { both, cellsOf, elementsAt, joinPhases, offsetsOf, padded, phaseOf, phaseWide, type Window, windowOf } from "./window.ts";

/** The lowest finite float32: the padding of an image for a maximum. */
const LOWEST = -3.4028234663852886e38;

type Context = Pick<GradientContext, "graph" | "node">;

function poolingWindow({ node }: Context, x: Value, y: Value): Window {
  return { ...windowOf(node, x, y), runs: true };
}

/** The form depends on the engine's kernels: `lower` chooses ../max-pool.ts's or `comparedMaxima`. */
const maxPool: GradientRule = (context) => [
  maxPoolGradient(context.graph, context.node, [context.input(0), context.outputs[0] as Value, context.gradient]),
];

/** The gradient of a MaxPool by comparing each element of each window with the maximum, from x, its maxima y, and dL/dy. */
export function comparedMaxima(context: Context, x: Value, maxima: Value, gradient: Value): Value {
  const { graph } = context;
  const window = poolingWindow(context, x, maxima);
  const y = phaseWide(context, maxima, window);
  const image = padded(context, x, window, LOWEST);
  let rest = phaseWide(context, gradient, window);
  const shares = offsetsOf(window).map((place) => {
    const hit = graph.add("Cast", [graph.add("Equal", [elementsAt(context, image, window, place), y])], { to: ONNX_TYPES.float32 });
    const share = graph.add("Mul", [rest, hit]);
    rest = graph.add("Sub", [rest, share]);
    return { place, share };
  });
  return scatter(context, shares, window);
}

/** Adds each share, in the form of `phaseWide`, to the image at its position of the window; returns [batch, channels, ...size]. */
function scatter(context: Context, shares: readonly { place: readonly [number, number]; share: Value }[], window: Window): Value {
  const { graph } = context;
  const { strides, before, size, output } = window;
  const sum = (values: readonly Value[]): Value => values.reduce((a, b) => graph.add("Add", [a, b]));
  // Within a phase every position of the window is a plain shift, so shares are added without zeros between them.
  const cells = cellsOf(window);
  const [total, run] = [cells[0] * cells[1], output[0] * cells[1]];
  const moved = shares.map(({ place, share }) => {
    const { phase, start } = phaseOf(window, place);
    const flat = graph.add("Reshape", [share, graph.ints([0, 0, run])]);
    return { phase, value: padZeros(graph, flat, [0, 0, start], [0, 0, total - start - run]) };
  });
  const phases = Array.from({ length: strides[0] * strides[1] }, (_, i) =>
    moved.filter(({ phase }) => phase === i).map(({ value }) => value),
  );
  // If the stride is larger than the window, there are phases that no position reaches.
  const images = staticShape((shares[0] as { share: Value }).share).slice(0, 2);
  const empty = (): Value => graph.add("Expand", [graph.scalar(0), graph.ints([...images, total])]);
  const whole = joinPhases(
    context,
    phases.map((values) => (values.length > 0 ? sum(values) : empty())),
    window,
  );
  return padZeros(graph, whole, [0, 0, ...both((i) => -before[i])], [0, 0, ...both((i) => size[i] + before[i] - cells[i] * strides[i])]);
}

const averagePool: GradientRule = (context) => {
  const { graph, gradient } = context;
  const window = poolingWindow(context, context.input(0), gradient);
  const share = phaseWide(context, graph.add("Mul", [gradient, graph.constant(shares(context, window))]), window);
  return [
    scatter(
      context,
      offsetsOf(window).map((place) => ({ place, share })),
      window,
    ),
  ];
};

/** One over the number of elements that each output averages: [1, 1, ...output]. */
function shares(context: GradientContext, window: Window): { type: "float32"; shape: readonly number[]; data: Float32Array } {
  const { kernel, strides, dilations, before, after, size, output } = window;
  const padding = intAttribute(context.node, "count_include_pad", 0) === 1;
  const counts = both((axis) =>
    Array.from({ length: output[axis] }, (_, at) => {
      const [low, high] = padding ? [-before[axis], size[axis] + after[axis]] : [0, size[axis]];
      const places = Array.from({ length: kernel[axis] }, (_, k) => at * strides[axis] - before[axis] + k * dilations[axis]);
      return places.filter((place) => place >= low && place < high).length;
    }),
  );
  const data = Float32Array.from(counts[0].flatMap((rows) => counts[1].map((columns) => 1 / (rows * columns))));
  return { type: "float32", shape: [1, 1, ...output], data };
}

const globalAveragePool: GradientRule = (context) => {
  const { graph, gradient } = context;
  const shape = staticShape(context.input(0));
  const share = 1 / shape.slice(2).reduce((a, b) => a * b, 1);
  return [graph.add("Expand", [graph.add("Mul", [gradient, graph.scalar(share)]), graph.ints(shape)])];
};

const globalMaxPool: GradientRule = (context) => {
  const { graph, gradient } = context;
  const x = context.input(0);
  const size = staticShape({ ...x, shape: x.shape.slice(2) }).reduce((a, b) => a * b, 1);
  const flat = graph.add("Reshape", [x, graph.ints([0, 0, size])]);
  // ArgMax would give 64-bit integers, which GPUs do not compare.
  const places = graph.constant(float32(Array.from({ length: size }, (_, i) => i)));
  const maxima = graph.add("Reshape", [context.outputs[0] as Value, graph.ints([0, 0, 1])]);
  const candidates = graph.add("Where", [graph.add("Equal", [flat, maxima]), places, graph.scalar(size)]);
  const first = graph.add("ReduceMin", [candidates, graph.ints([2])], { keepdims: 1 });
  const spread = graph.add("Where", [
    graph.add("Equal", [places, first]),
    graph.add("Reshape", [gradient, graph.ints([0, 0, 1])]),
    graph.scalar(0),
  ]);
  return [reshapeTo(context, spread, x.shape)];
};

export const poolingGradients: Readonly<Record<string, GradientRule>> = {
  MaxPool: maxPool,
  AveragePool: averagePool,
  GlobalAveragePool: globalAveragePool,
  GlobalMaxPool: globalMaxPool,
};
