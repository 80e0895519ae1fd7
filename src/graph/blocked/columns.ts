// Small images in blocks with a block of the batch beside each column: [batch / block, channels / block, height, width, block of the batch,
// block of channels], which to the kernels are batch / block images of width · block columns. They compute columns in groups of six or fewer
// and read the weights once for each row, so short rows cost more; and the gradient of weights needs the batch beside the places anyway.

import type { GraphBuilder } from "../builder.ts";
import type { Graph, Shape, Value } from "../types.ts";
import { intAttribute, staticShape } from "../types.ts";
import { intoBlocks, reshape } from "./kernels.ts";

/** From this many pixels on, rows are long enough by themselves. Measured on a CPU. */
const LARGE_MAP = 28 * 28;

/** Whether the images of `graph` may be in columns: a depthwise convolution has too little arithmetic for it. */
export function canBeInColumns({ nodes, types }: Graph): boolean {
  return nodes.every((node) => {
    if (node.op !== "Conv" && node.op !== "ConvTranspose") return true;
    const kernel = types.get(node.inputs[1] as string)?.shape.slice(2);
    return intAttribute(node, "group", 1) === 1 || kernel?.every((size) => size === 1);
  });
}

/** Whether images of `shape` are in columns in such a graph. */
export function isInColumns(shape: Shape, block: number): boolean {
  const [batch, channels, height, width] = shape as readonly [number, number, number, number];
  const places = height * width;
  return shape.length === 4 && batch % block === 0 && channels % block === 0 && places > 1 && places < LARGE_MAP;
}

/** The shape that the kernels see. */
export function columnsShape([batch, channels, height, width]: readonly number[], block: number): readonly number[] {
  return [(batch as number) / block, channels as number, height as number, (width as number) * block];
}

/** `value` [batch, channels, height, width], in blocks, in columns. */
export function intoColumns(graph: GraphBuilder, value: Value, block: number): Value {
  const shape = staticShape(value) as [number, number, number, number];
  const [batch, channels, height, width] = shape;
  const parts = reshape(graph, value, [batch / block, block, channels / block, height * width, block]);
  return reshape(graph, graph.add("Transpose", [parts], { perm: [0, 2, 3, 1, 4] }), columnsShape(shape, block));
}

/** The inverse of `intoColumns`. */
export function outOfColumns(graph: GraphBuilder, value: Value, block: number): Value {
  const [batches, channels, height, columns] = staticShape(value) as [number, number, number, number];
  const parts = reshape(graph, value, [batches, channels / block, (height * columns) / block, block, block]);
  return reshape(graph, graph.add("Transpose", [parts], { perm: [0, 3, 1, 2, 4] }), [batches * block, channels, height, columns / block]);
}

/** The attributes in columns of a convolution with one step from column to column. */
export function besideColumns<T extends Record<"kernel_shape" | "dilations" | "pads", readonly number[]>>(attributes: T, block: number): T {
  const [top, left, bottom, right] = attributes.pads as [number, number, number, number];
  const [down, across] = attributes.dilations as [number, number];
  // One column has no other beside it; kernels for single places do not know of steps.
  const dilations = [down, attributes.kernel_shape[1] === 1 ? 1 : across * block];
  return { ...attributes, dilations, pads: [top, left * block, bottom, right * block] };
}

/** Images in columns as `batchInBlocks` of ../weight-gradient.ts has them: a tile of batch and channels is turned in each place. */
export function turnedColumns(graph: GraphBuilder, x: Value, block: number): Value {
  const [batches, channels, height, columns] = staticShape(x) as [number, number, number, number];
  const images = channels / block;
  const tiles = reshape(graph, x, [(batches * images * height * columns) / block, block, block, 1]);
  const turned = reshape(graph, intoBlocks(graph, tiles), [batches, images, height * columns * block]);
  return batches === 1 ? turned : graph.add("Transpose", [turned], { perm: [1, 0, 2] });
}

/** Images in columns as weights of a convolution over the batch, [channels, batch, height, width]. */
export function columnsAsWeights(graph: GraphBuilder, x: Value, block: number): Value {
  const [batches, channels, height, columns] = staticShape(x) as [number, number, number, number];
  const parts = reshape(graph, x, [batches, channels / block, height * columns * block]);
  const turned = batches === 1 ? parts : graph.add("Transpose", [parts], { perm: [1, 0, 2] });
  return reshape(graph, turned, [channels, batches * block, height, columns / block]);
}
