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
  const parts = partsOf(window, out, channels, block);
  const after = both((i) => reach[i] - size[i] - before[i]);
  // Columns are padded as a copy: with padding in the convolution, its kernels compute one column at a time near the edges.
  const [left, right] = [before[1], after[1]].map((columns) => columns * together * block) as [number, number];
  // Rows are too, if they are copied into parts.
  const [above, below] = parts === 1 ? [0, Math.min(after[0], 0)] : [before[0], after[0]];
  const wide = padZeros(graph, rows, [0, 0, above, left], [0, 0, below, right]);
  const height = output[0] / parts;
  const spans = parts === 1 ? wide : rowsOfParts(graph, wide, parts, height * strides[0]);
  const image = reshape(graph, spans, [images, batch * parts, spans.shape.at(-2) as number, reach[1] * together]);
  const attributes = {
    group: 1,
    kernel_shape: [height, output[1]],
    strides: [dilations[0], 1],
    dilations: [strides[0], strides[1] * together],
    pads: parts === 1 ? [before[0], 0, Math.max(after[0], 0), 0] : [0, 0, 0, 0],
  };
  const weights = reshape(graph, weight, [out, batch * parts, height, output[1]]);
  const sums = outOfBlocks(graph, graph.add("Conv", [image, weights], attributes, { domain: BLOCKED }));
  return reshape(graph, channelsFirst(graph, sums, images, out, kernel[0] * kernel[1], block), [out, channels, ...kernel]);
}

/**
 * The rows of `image` [images, blocks of the batch, rows, columns] that each part reads: [images, blocks of the batch, parts, rows, columns].
 * Each part begins `step` rows after the one before it, and the last ends with the image.
 */
function rowsOfParts(graph: GraphBuilder, image: Value, parts: number, step: number): Value {
  const span = (image.shape[2] as number) - (parts - 1) * step;
  const data = BigInt64Array.from({ length: parts * span }, (_, i) => BigInt(Math.floor(i / span) * step + (i % span)));
  return graph.add("Gather", [image, graph.constant({ type: "int64", shape: [parts, span], data })], { axis: 2 });
}

/** Blocks of output channels that ONNX Runtime's kernels compute together. */
const BLOCKS_TOGETHER = 4;
/** Bytes of weights that stay in the second cache of a core. */
const KEPT = 2 ** 19;
/** Parts share rows of X, which are copied for each. So many times as many rows as X has are the most. */
const MOST_ROWS = 2;

/**
 * Into how many equal parts dY's rows are cut: the least number with which the part that the kernels use as weights at a time stays in the
 * cache; 1 if there is none. The parts take the place of further channels, which the convolution adds up one after the other. Otherwise the
 * kernels read all of dY from memory for every six columns of a row of the result. X of few channels may be copied more often: it is small.
 */
function partsOf({ kernel, strides, dilations, reach, output }: Window, out: number, channels: number, block: number): number {
  const row = 4 * Math.min(out, BLOCKS_TOGETHER * block) * block * output[1];
  const most = channels < block ? Number.POSITIVE_INFINITY : MOST_ROWS * reach[0];
  for (let parts = 1; parts <= output[0]; parts++) {
    const height = output[0] / parts;
    if (!Number.isInteger(height) || height * row > KEPT) continue;
    return parts * ((height - 1) * strides[0] + (kernel[0] - 1) * dilations[0] + 1) <= most ? parts : 1;
  }
  return 1;
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
