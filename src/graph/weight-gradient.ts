// The weight gradient of a dense convolution as one custom operator until the engine is known: with blocked kernels it becomes another
// convolution; for plain kernels gradients/convolution-weight.ts has forms with matrix products.

import { BLOCKED, intoBlocks, outOfBlocks, reshape } from "./blocked/kernels.ts";
import type { GraphBuilder } from "./builder.ts";
import { both, type Window } from "./gradients/window.ts";
import { padZeros } from "./pad.ts";
import { type Node, OWN_DOMAIN, staticShape, type Value } from "./types.ts";

/** dL/d(weight) [out, in / group, ...kernel] of the Conv `node` from its input and dL/d(output), for `lower` to expand. */
export function convolutionWeightGradient(graph: GraphBuilder, node: Node, x: Value, gradient: Value, kernel: readonly number[]): Value {
  return graph.add("ConvWeightGrad", [x, gradient], { ...node.attributes, kernel_shape: kernel }, { domain: OWN_DOMAIN });
}

/**
 * Whether to use the correlation below: the batch takes the place of the channels, so it must fill blocks, and kernels of fewer than three
 * columns are faster as matrix products.
 */
export function canCorrelate(x: Value, gradient: Value, { kernel, dilations }: Window, group: number, block: number): boolean {
  const [batch, out] = gradient.shape as [number, number];
  const channels = x.shape[1] as number;
  const dense = group === 1 && dilations[1] === 1 && (channels % block === 0 || channels < block);
  return dense && kernel[1] >= 3 && batch % block === 0 && out % block === 0;
}

/**
 * dW[out, in, i, j] = Σ dY[n, out, y, x] · X[n, in, y·stride + i·dilation, x·stride + j] as a convolution of X with dY as its weights, both
 * with the batch in place of the channels; stride and dilation swap their roles. A block of X's channels lies side by side in each column, so
 * that a row of the result has `block` times the kernel's columns: with the three of a kernel alone, the convolution would read dY from memory
 * twice as often. `x` [batch, channels, ...size] comes as `batchInBlocks`, dY [batch, out, ...output] as `batchAsWeights`; the result is plain.
 */
export function correlatedWeightGradient(
  graph: GraphBuilder,
  x: Value,
  weight: Value,
  channels: number,
  window: Window,
  block: number,
): Value {
  const { kernel, strides, dilations, before, size, reach, output } = window;
  const [out, batch] = staticShape(weight) as [number, number];
  const together = Math.min(channels, block);
  const images = channels / together;
  const rows = reshape(graph, x, [images, batch / block, size[0], size[1] * together * block]);
  // Columns are padded as a copy: with padding in the convolution, its kernels compute one column at a time near the edges.
  const after = both((i) => reach[i] - size[i] - before[i]);
  const [left, right] = [before[1], after[1]].map((columns) => columns * together * block) as [number, number];
  const wide = padZeros(graph, rows, [0, 0, 0, left], [0, 0, Math.min(after[0], 0), right]);
  const image = reshape(graph, wide, [images, batch, size[0] + Math.min(after[0], 0), reach[1] * together]);
  const attributes = {
    group: 1,
    kernel_shape: output,
    strides: [dilations[0], 1],
    dilations: [strides[0], strides[1] * together],
    pads: [before[0], 0, Math.max(after[0], 0), 0],
  };
  const sums = outOfBlocks(graph, graph.add("Conv", [image, weight], attributes, { domain: BLOCKED }));
  return reshape(graph, channelsFirst(graph, sums, images, out, kernel[0] * kernel[1], block), [out, channels, ...kernel]);
}

/** dY, in blocks, as weights [out, batch, ...output] in blocks: [out / block, batch / block, places, block of batch, block of out]. */
export function batchAsWeights(graph: GraphBuilder, gradient: Value, block: number): Value {
  const [batch, out, height, width] = staticShape(gradient) as [number, number, number, number];
  const parts = reshape(graph, gradient, [batch / block, block, out / block, height * width, block]);
  return reshape(graph, graph.add("Transpose", [parts], { perm: [2, 0, 3, 1, 4] }), [out, batch, height, width]);
}

/** X, in blocks, or plain if it has fewer channels than a block, as [blocks of channels, blocks of the batch, places, channels, block of the batch]. */
export function batchInBlocks(graph: GraphBuilder, x: Value, block: number): Value {
  const [batch, channels, height, width] = staticShape(x) as [number, number, number, number];
  const places = height * width;
  const turned = intoBlocks(graph, reshape(graph, x, [1, batch, channels * places, 1]));
  if (channels < block) {
    const plain = reshape(graph, turned, [batch / block, channels, places, block]);
    return graph.add("Transpose", [plain], { perm: [0, 2, 1, 3] });
  }
  if (batch === block) return turned;
  const parts = reshape(graph, turned, [batch / block, channels / block, places * block * block]);
  return graph.add("Transpose", [parts], { perm: [1, 0, 2] });
}

/** From [blocks of channels, out, places, channels] to [out, channels, places]. */
function channelsFirst(graph: GraphBuilder, sums: Value, images: number, out: number, places: number, block: number): Value {
  const together = ((sums.shape[2] as number) * (sums.shape[3] as number)) / places;
  if (together < block) return graph.add("Transpose", [reshape(graph, sums, [out, places, together])], { perm: [0, 2, 1] });
  // The channels are the innermost axis, as in an image in blocks.
  const turned = outOfBlocks(graph, reshape(graph, sums, [images * out, block, places, 1]));
  return graph.add("Transpose", [reshape(graph, turned, [images, out, block * places])], { perm: [1, 0, 2] });
}
