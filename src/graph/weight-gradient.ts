// The weight gradient of a dense convolution as one custom operator until the engine is known: with blocked kernels it becomes another
// convolution; for plain kernels gradients/convolution-weight.ts has forms with matrix products.

import { BLOCKED, intoBlocks, reshape } from "./blocked/kernels.ts";
import type { GraphBuilder } from "./builder.ts";
import { padZeros } from "./gradients/shape.ts";
import { both, type Window } from "./gradients/window.ts";
import { type Node, OWN_DOMAIN, staticShape, type Value } from "./types.ts";

/** dL/d(weight) [out, in / group, ...kernel] of the Conv `node` from its input and dL/d(output), for `lower` to expand. */
export function convolutionWeightGradient(graph: GraphBuilder, node: Node, x: Value, gradient: Value, kernel: readonly number[]): Value {
  return graph.add("ConvWeightGrad", [x, gradient], { ...node.attributes, kernel_shape: kernel }, { domain: OWN_DOMAIN });
}

/**
 * Whether to use the correlation below: the batch takes the place of the channels, so it must fill blocks, and with a kernel of fewer than
 * three columns the convolution is inefficient.
 */
export function canCorrelate(gradient: Value, { kernel }: Window, group: number, block: number): boolean {
  const [batch, out] = gradient.shape as [number, number];
  return group === 1 && kernel[1] >= 3 && batch % block === 0 && out % block === 0;
}

/**
 * dW[out, in, i, j] = Σ dY[n, out, y, x] · X[n, in, y·stride + i·dilation, x·stride + j·dilation] as a convolution of X with dY as its
 * weights, both with batch and channels swapped; stride and dilation swap their roles. `x` is plain, `gradient` blocked, the result plain.
 */
export function correlatedWeightGradient(graph: GraphBuilder, x: Value, gradient: Value, window: Window, block: number): Value {
  const { strides, dilations, before, size, reach, output } = window;
  const [batch, out] = staticShape(gradient) as [number, number];
  const [channels] = staticShape(x).slice(1) as [number];
  const swapped = intoBlocks(graph, graph.add("Transpose", [x], { perm: [1, 0, 2, 3] }));
  // Padded as a copy: with padding in the convolution, its kernels compute one column at a time near the edges.
  const after = both((i) => reach[i] - size[i] - before[i]);
  const rows = reshape(graph, swapped, [channels, batch / block, size[0], size[1] * block]);
  const wide = padZeros(graph, rows, [0, 0, before[0], before[1] * block], [0, 0, after[0], after[1] * block]);
  const image = reshape(graph, wide, [channels, batch, ...reach]);
  // From [batch, out / block, places, block of out] to [out / block, batch / block, places, block of batch, block of out].
  const parts = reshape(graph, gradient, [batch / block, block, out / block, output[0] * output[1], block]);
  const weight = reshape(graph, graph.add("Transpose", [parts], { perm: [2, 0, 3, 1, 4] }), [out, batch, ...output]);
  const attributes = { group: 1, kernel_shape: output, strides: dilations, dilations: strides, pads: [0, 0, 0, 0] };
  const sums = graph.add("Conv", [image, weight], attributes, { domain: BLOCKED });
  const plain = graph.add("ReorderOutput", [sums], { channels: out }, { domain: BLOCKED });
  return graph.add("Transpose", [plain], { perm: [1, 0, 2, 3] });
}
