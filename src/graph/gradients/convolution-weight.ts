// The gradient of a convolution's weight, in the form that is fastest for its shape. All forms are one sum over batch and pixels:
// dW[out, in, i, j] = Σ dY[n, out, y, x] · X[n, in, y·stride + i·dilation, x·stride + j·dilation].

import { product } from "../product.ts";
import { sliceOf } from "../slice.ts";
import { staticShape, type Value } from "../types.ts";
import { convolutionWeightGradient } from "../weight-gradient.ts";
import type { GradientContext } from "./rule.ts";
import { both, elementsAt, offsetsOf, padded, phaseWide, type Window } from "./window.ts";

/** The graph that a form extends, and dL/d(output). */
type Context = Pick<GradientContext, "graph" | "gradient">;

/**
 * dL/d(weight) [out, in / group, height, width] of the convolution `node` from its input x [batch, in, ...size]. For depthwise convolutions
 * it is a convolution again; otherwise the form depends on the engine's kernels: `lower` chooses blocks or `plainWeightGradient`.
 */
export function weightGradient(context: GradientContext, x: Value, weight: Value, window: Window, group: number): Value {
  const [out, channels] = staticShape(weight) as [number, number];
  const isDepthwise = group > 1 && group === out && channels === 1;
  if (isDepthwise) return depthwise(context, x, weight, window);
  return convolutionWeightGradient(context.graph, context.node, x, context.gradient, window.kernel);
}

/** The same in plain operators. */
export function plainWeightGradient(context: Context, x: Value, window: Window, group: number): Value {
  const { graph, gradient } = context;
  const [out, channels] = [(gradient.shape[1] as number) / group, (x.shape[1] as number) / group];
  const form = formFor(window, out, channels);
  return graph.add("Reshape", [form(context, x, window, group, out, channels), graph.ints([out * group, channels, ...window.kernel])]);
}

/** Returns the elements in the order [group, out, in, height, width]; `out` and `channels` are per group. */
type Form = (context: Context, x: Value, window: Window, group: number, out: number, channels: number) => Value;

/**
 * Chooses by the amount that the forms copy. One product per image leaves batch · dW to be summed; one product over the batch needs X and
 * dY with batch and channels swapped. Measured on a CPU for ResNet's blocks at batch 16: the first wins at 56×56, the second from 28×28 on
 * down.
 */
function formFor(window: Window, out: number, channels: number): Form {
  const { kernel, output } = window;
  const places = kernel[0] * kernel[1];
  if (2 * places * out * channels >= output[0] * output[1] * (out + channels)) return acrossBatch;
  return places > 1 && !window.runs ? shiftedBothSides : imageByImage;
}

/**
 * The window's rows as shifts of dY, its columns as shifts of X, and one product of the two: the pairs of shifts are all positions of the
 * window, for `height + width` copies instead of `height · width`. Only for stride 1.
 */
function shiftedBothSides(context: Context, x: Value, window: Window, group: number, out: number, channels: number): Value {
  const { graph, gradient } = context;
  const image = padded(context, x, window);
  const { kernel, dilations, output, reach } = window;
  const reshape = (value: Value, shape: readonly number[]): Value => graph.add("Reshape", [value, graph.ints(shape)]);
  const size = reach[0] * output[1];
  // Copy i of dY has i·dilation rows of zeros before it and the rest after: between two copies there are always kernel·dilation rows.
  const zeros = graph.add("Expand", [
    graph.scalar(0),
    graph.ints([...staticShape(gradient).slice(0, 2), kernel[0] * dilations[0], output[1]]),
  ]);
  const rows = Array.from({ length: kernel[0] }, (_, i) => (i === 0 ? [gradient] : [zeros, gradient])).flat();
  const left = reshape(join(context, rows), [0, group, out * kernel[0], size]);
  const columns = Array.from({ length: kernel[1] }, (_, j) =>
    sliceOf(graph, image, [{ axis: 3, start: j * dilations[1], end: j * dilations[1] + output[1] }]),
  );
  const right = reshape(join(context, columns), [0, group, channels * kernel[1], size]);
  const total = graph.add("ReduceSum", [product(graph, left, right, { transB: true }), graph.ints([0])], { keepdims: 0 });
  const parts = reshape(total, [group, out, kernel[0], channels, kernel[1]]);
  return graph.add("Transpose", [parts], { perm: [0, 1, 3, 2, 4] });
}

function join({ graph }: Context, parts: readonly Value[]): Value {
  return parts.length === 1 ? (parts[0] as Value) : graph.add("Concat", parts, { axis: 2 });
}

/** For each position of the window the strided slice of X under it; all positions in one product per image. */
function imageByImage(context: Context, x: Value, window: Window, group: number, out: number, channels: number): Value {
  const { graph, gradient } = context;
  const image = padded(context, x, window);
  const places = offsetsOf(window).map((place) => elementsAt(context, image, window, place));
  const wide = phaseWide(context, gradient, window);
  const size = window.output[0] * (wide.shape[3] as number);
  // Concatenated along the rows, the positions of one channel are adjacent, as in the weight.
  const left = graph.add("Reshape", [wide, graph.ints([0, group, out, size])]);
  const right = graph.add("Reshape", [join(context, places), graph.ints([0, group, channels * places.length, size])]);
  return graph.add("ReduceSum", [product(graph, left, right, { transB: true }), graph.ints([0])], { keepdims: 0 });
}

/** For each position of the window one product over the whole batch, of X and dY with batch and channels swapped. */
function acrossBatch(context: Context, x: Value, window: Window, group: number, out: number, channels: number): Value {
  const { graph, gradient } = context;
  const swapped = (value: Value): Value => graph.add("Transpose", [value], { perm: [1, 0, 2, 3] });
  const rows = (value: Value, count: number): Value => graph.add("Reshape", [value, graph.ints([group, count, -1])]);
  const image = padded(context, swapped(x), window);
  const left = rows(phaseWide(context, swapped(gradient), window), out);
  const parts = offsetsOf(window).map((place) =>
    product(graph, left, rows(elementsAt(context, image, window, place), channels), { transB: true }),
  );
  if (parts.length === 1) return parts[0] as Value;
  return graph.add(
    "Concat",
    parts.map((part) => graph.add("Unsqueeze", [part, graph.ints([3])])),
    { axis: 3 },
  );
}

/** Depthwise: the batch's images and gradients are paired as the groups of one convolution, with stride and dilation swapped. */
function depthwise(context: GradientContext, x: Value, weight: Value, window: Window): Value {
  const { graph, gradient } = context;
  const [batch, channels] = staticShape(x) as [number, number];
  const [, , height, width] = staticShape(weight) as [number, number, number, number];
  const { strides, dilations, before, size, output, reach } = window;
  // Only what windows reach, so that the swapped convolution has no positions that the window does not have.
  const after = both((i) => Math.max(0, reach[i] - before[i] - size[i]));
  const group = batch * channels;
  const image = graph.add("Reshape", [x, graph.ints([1, group, ...size])]);
  const kernels = graph.add("Reshape", [gradient, graph.ints([group, 1, ...output])]);
  const wide = graph.add("Conv", [image, kernels], { group, strides: dilations, dilations: strides, pads: [...before, ...after] });
  // If they leave out the end of the image itself, there are such positions.
  const exact = sliceOf(graph, wide, [
    { axis: 2, start: 0, end: height },
    { axis: 3, start: 0, end: width },
  ]);
  const each = graph.add("Reshape", [exact, graph.ints([batch, channels, 1, height, width])]);
  return graph.add("ReduceSum", [each, graph.ints([0])], { keepdims: 0 });
}
