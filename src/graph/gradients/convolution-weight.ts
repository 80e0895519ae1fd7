// The gradient of a convolution's weight, in the form that is fastest for its shape. All forms are one sum over batch and places:
// dW[out, in, i, j] = Σ dY[n, out, y, x] · X[n, in, y·stride + i·dilation, x·stride + j·dilation].

import { staticShape, type Value } from "../types.ts";
import { product } from "./matmul.ts";
import type { GradientContext } from "./rule.ts";
import { sliceOf } from "./shape.ts";
import { elementsAt, offsetsOf, padded, type Window } from "./window.ts";

/** dL/d(weight) [out, in / group, height, width] from the convolution's input [batch, in, ...size]. */
export function weightGradient(context: GradientContext, x: Value, weight: Value, window: Window, group: number): Value {
  const [out, channels, height, width] = staticShape(weight) as [number, number, number, number];
  if (group > 1 && group === out && channels === 1) return depthwise(context, x, weight, window);
  const { graph } = context;
  const image = padded(context, x, window);
  const total =
    window.strides.every((stride) => stride === 1) && height * width > 1
      ? shiftedBothSides(context, image, window, group, out / group, channels)
      : placeByPlace(context, image, window, group, out / group, channels);
  return graph.add("Reshape", [total, graph.ints([out, channels, height, width])]);
}

/**
 * The window's rows as shifts of dY, its columns as shifts of X, and one product of the two: all pairs of shifts are all places of the
 * window, for `height + width` copies instead of `height · width`. Returns [group, out, in, height, width]. Stride 1 only.
 */
function shiftedBothSides(context: GradientContext, image: Value, window: Window, group: number, out: number, channels: number): Value {
  const { graph, gradient } = context;
  const { kernel, dilations, output, reach } = window;
  const reshape = (value: Value, shape: readonly number[]): Value => graph.add("Reshape", [value, graph.ints(shape)]);
  const size = reach[0] * output[1];
  // Copy i of dY has i·dilation rows of zeros before it and the rest after: between two copies that is always kernel·dilation rows.
  const zeros = graph.add("Expand", [graph.scalar(0), graph.ints([...staticShape(gradient).slice(0, 2), kernel[0] * dilations[0], output[1]])]);
  const rows = Array.from({ length: kernel[0] }, (_, i) => (i === 0 ? [gradient] : [zeros, gradient])).flat();
  const left = reshape(join(context, rows), [0, group, out * kernel[0], size]);
  const columns = Array.from({ length: kernel[1] }, (_, j) => sliceOf(graph, image, [{ axis: 3, start: j * dilations[1], end: j * dilations[1] + output[1] }]));
  const right = reshape(join(context, columns), [0, group, channels * kernel[1], size]);
  const total = graph.add("ReduceSum", [product(graph, left, right, { transB: true }), graph.ints([0])], { keepdims: 0 });
  const parts = reshape(total, [group, out, kernel[0], channels, kernel[1]]);
  return graph.add("Transpose", [parts], { perm: [0, 1, 3, 2, 4] });
}

function join({ graph }: GradientContext, parts: readonly Value[]): Value {
  return parts.length === 1 ? (parts[0] as Value) : graph.add("Concat", parts, { axis: 2 });
}

/** For each place of the window the strided slice of X under it, all places in one product. Returns [group, out, in, height, width]. */
function placeByPlace(context: GradientContext, image: Value, window: Window, group: number, out: number, channels: number): Value {
  const { graph, gradient } = context;
  const places = offsetsOf(window).map((place) => elementsAt(context, image, window, place));
  const size = window.output[0] * window.output[1];
  const left = graph.add("Reshape", [gradient, graph.ints([0, group, out, size])]);
  const right = graph.add("Reshape", [join(context, places), graph.ints([0, group, channels * places.length, size])]);
  return graph.add("ReduceSum", [product(graph, left, right, { transB: true }), graph.ints([0])], { keepdims: 0 });
}

/** One filter per channel: the batch's images and gradients pair up as the groups of one convolution, with stride and dilation in swapped roles. */
function depthwise(context: GradientContext, x: Value, weight: Value, window: Window): Value {
  const { graph, gradient } = context;
  const [batch, channels] = staticShape(x) as [number, number];
  const [, , height, width] = staticShape(weight) as [number, number, number, number];
  const { strides, dilations, before, after, size, output } = window;
  const group = batch * channels;
  const image = graph.add("Reshape", [x, graph.ints([1, group, ...size])]);
  const kernels = graph.add("Reshape", [gradient, graph.ints([group, 1, ...output])]);
  const wide = graph.add("Conv", [image, kernels], { group, strides: dilations, dilations: strides, pads: [...before, ...after] });
  // Where the stride stepped over the end of the image, the swapped convolution finds places that the window does not have.
  const exact = sliceOf(graph, wide, [
    { axis: 2, start: 0, end: height },
    { axis: 3, start: 0, end: width },
  ]);
  const each = graph.add("Reshape", [exact, graph.ints([batch, channels, 1, height, width])]);
  return graph.add("ReduceSum", [each, graph.ints([0])], { keepdims: 0 });
}
