// A convolution's weights in the layouts of the blocked kernels. Each is built with the engine's own reordering of channels into blocks,
// [batch, channels, pixels] to [batch, channels / block, pixels, block], with weights in place of images.

import type { GraphBuilder } from "../builder.ts";
import { padZeros } from "../pad.ts";
import { staticShape, type Value } from "../types.ts";

/** The domain of ONNX Runtime's operators on blocked images. */
export const BLOCKED = "com.microsoft.nchwc";

/** `value` [batch, channels, height, width] with its channels in blocks; shapes stay logical. */
export function intoBlocks(graph: GraphBuilder, value: Value): Value {
  return graph.add("ReorderInput", [value], {}, { domain: BLOCKED });
}

/** The first `channels` (default all) of `value` [batch, channels, height, width], in blocks, in the plain layout. */
export function outOfBlocks(graph: GraphBuilder, value: Value, channels = value.shape[1] as number): Value {
  return graph.add("ReorderOutput", [value], { channels }, { domain: BLOCKED });
}

/**
 * The channels after and before a dense convolution, filled with zeros to whole blocks; undefined if those would be more than a third of the
 * channels, or if both sides would need them.
 */
export function filledChannels(after: number, before: number, block: number): readonly [number, number] | undefined {
  const [most, least] = [after, before].map((count) => Math.ceil(count / block) * block) as [number, number];
  const few = 3 * (most - after) <= after && 3 * (least - before) <= before;
  return few && (most === after || least === before) ? [most, least] : undefined;
}

/** `value` with zeros after its first axes, up to `sizes`. */
export function extended(graph: GraphBuilder, value: Value, ...sizes: readonly number[]): Value {
  const after = value.shape.map((size, axis) => (sizes[axis] ?? (size as number)) - (size as number));
  return padZeros(
    graph,
    value,
    after.map(() => 0),
    after,
  );
}

/** Depthwise weights [channels, 1, height, width], laid out like an image with that many channels. */
export function depthwiseKernel(graph: GraphBuilder, weight: Value): Value {
  const [channels, , height, width] = staticShape(weight) as [number, number, number, number];
  if (height * width === 1) return weight;
  return reshape(graph, intoBlocks(graph, reshape(graph, weight, [1, channels, height, width])), weight.shape as number[]);
}

/** Weights [out, in, height, width] as [out / block, in, height, width, block], for images with too few channels for a block. */
export function kernelOfPlain(graph: GraphBuilder, weight: Value, block: number): Value {
  const [out, channels, height, width] = staticShape(weight) as [number, number, number, number];
  const outLast = intoBlocks(graph, reshape(graph, weight, [out / block, block, channels * height * width, 1]));
  return reshape(graph, outLast, [out, channels, height, width]);
}

/** Weights [out, in, height, width] as [out / block, in / block, height, width, block of in, block of out]. */
export function denseKernel(graph: GraphBuilder, weight: Value, block: number): Value {
  const [out, channels, height, width] = staticShape(weight) as [number, number, number, number];
  const inLast = height * width === 1 ? weight : intoBlocks(graph, reshape(graph, weight, [out, channels, height * width, 1]));
  return kernelOfPlain(graph, reshape(graph, inLast, [out, channels, height, width]), block);
}

/**
 * Weights [in, out, height, width] of a transposed convolution as those of a plain one with the kernel `size`, in the layout of `denseKernel`:
 * the two channel axes swapped, and of each filter the `places` in their order. All of them, reversed, rotate it by 180°.
 */
export function transposedKernel(
  graph: GraphBuilder,
  weight: Value,
  block: number,
  places: readonly number[],
  size: readonly number[],
): Value {
  const [channels, out, height, width] = staticShape(weight) as [number, number, number, number];
  const count = height * width;
  const outLast = count === 1 ? weight : intoBlocks(graph, reshape(graph, weight, [channels, out, count, 1]));
  const parts = reshape(graph, outLast, [channels / block, block, out / block, count, block]);
  const swapped = graph.add("Transpose", [parts], { perm: [2, 0, 3, 1, 4] });
  return reshape(graph, chosenPlaces(graph, swapped, places), [out, channels, ...size]);
}

/** The same for depthwise weights [channels, 1, height, width], in the layout of `depthwiseKernel`. */
export function transposedDepthwise(graph: GraphBuilder, weight: Value, places: readonly number[], size: readonly number[]): Value {
  const [channels, , height, width] = staticShape(weight) as [number, number, number, number];
  const kernel = chosenPlaces(graph, reshape(graph, weight, [1, channels, height * width, 1]), places);
  return depthwiseKernel(graph, reshape(graph, kernel, [channels, 1, ...size]));
}

/** The elements of axis 2 of `value` at `places`, in their order. */
function chosenPlaces(graph: GraphBuilder, value: Value, places: readonly number[]): Value {
  const all = places.length === value.shape[2] && places.every((place, i) => place === i);
  return all ? value : graph.add("Gather", [value, graph.ints(places)], { axis: 2 });
}

/** The attributes of a convolution with one weight for each channel. */
export function oneWeightEach(channels: number) {
  return { group: channels, kernel_shape: [1, 1], strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0] };
}

/** The sums of a·b over each channel of each image in blocks, [batch, channels, 1, 1]: a convolution whose kernel covers the image. */
export function productsOfImages(graph: GraphBuilder, a: Value, b: Value): Value {
  const [batch, channels, ...size] = staticShape(a) as [number, number, number, number];
  const groups = batch * channels;
  const sums = graph.add(
    "Conv",
    [reshape(graph, a, [1, groups, ...size]), reshape(graph, b, [groups, 1, ...size])],
    { group: groups, kernel_shape: size, strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0] },
    { domain: BLOCKED },
  );
  return reshape(graph, sums, [batch, channels, 1, 1]);
}

export function reshape(graph: GraphBuilder, value: Value, shape: readonly number[]): Value {
  return value.shape.join() === shape.join() ? value : graph.add("Reshape", [value, graph.ints(shape)]);
}
