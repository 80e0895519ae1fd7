// A convolution's weights in the layouts of the blocked kernels. Each is built with the engine's own reordering of channels into blocks,
// [batch, channels, pixels] to [batch, channels / block, pixels, block], with weights in place of images.

import type { GraphBuilder } from "../builder.ts";
import { staticShape, type Value } from "../types.ts";

/** The domain of ONNX Runtime's operators on blocked images. */
export const BLOCKED = "com.microsoft.nchwc";

/** `value` [batch, channels, height, width] with its channels in blocks; shapes stay logical. */
export function intoBlocks(graph: GraphBuilder, value: Value): Value {
  return graph.add("ReorderInput", [value], {}, { domain: BLOCKED });
}

/** `value` [batch, channels, height, width], in blocks, in the plain layout. */
export function outOfBlocks(graph: GraphBuilder, value: Value): Value {
  return graph.add("ReorderOutput", [value], { channels: value.shape[1] as number }, { domain: BLOCKED });
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
 * Weights [in, out, height, width] of a transposed convolution with stride 1 as those of the plain one: the two channel axes swapped and
 * each filter rotated by 180°, in the layout of `denseKernel`.
 */
export function rotatedKernel(graph: GraphBuilder, weight: Value, block: number): Value {
  const [channels, out, height, width] = staticShape(weight) as [number, number, number, number];
  const places = height * width;
  const outLast = places === 1 ? weight : intoBlocks(graph, reshape(graph, weight, [channels, out, places, 1]));
  const parts = reshape(graph, outLast, [channels / block, block, out / block, places, block]);
  const swapped = graph.add("Transpose", [parts], { perm: [2, 0, 3, 1, 4] });
  return reshape(graph, reversedPlaces(graph, swapped, places), [out, channels, height, width]);
}

/** `value` with its axis 2, of `places` elements, reversed. */
export function reversedPlaces(graph: GraphBuilder, value: Value, places: number): Value {
  if (places === 1) return value;
  return graph.add("Gather", [value, graph.ints(Array.from({ length: places }, (_, i) => places - 1 - i))], { axis: 2 });
}

export function reshape(graph: GraphBuilder, value: Value, shape: readonly number[]): Value {
  return value.shape.join() === shape.join() ? value : graph.add("Reshape", [value, graph.ints(shape)]);
}
