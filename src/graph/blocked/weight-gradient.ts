// The weight gradient of a convolution from images in blocks or in columns.

import type { GraphBuilder } from "../builder.ts";
import type { Window } from "../gradients/window.ts";
import type { Value } from "../types.ts";
import { batchAsWeights, batchInBlocks, correlatedWeightGradient } from "../weight-gradient.ts";
import { columnsAsWeights, turnedColumns } from "./columns.ts";
import type { Images } from "./images.ts";

/** dL/d(weight), plain, from the convolution's input `x` and dL/d(its output) where `canCorrelate` is true. */
export function blockedWeightGradient(
  graph: GraphBuilder,
  images: Images,
  [x, gradient]: readonly [Value, Value],
  window: Window,
  block: number,
): Value {
  const channels = x.shape[1] as number;
  const image = images.isInColumns(x)
    ? turnedColumns(graph, images.inBlocks(x.name), block)
    : batchInBlocks(graph, channels < block ? images.plain(x.name) : images.inBlocks(x.name), block);
  const asWeights = images.isInColumns(gradient) ? columnsAsWeights : batchAsWeights;
  return correlatedWeightGradient(graph, image, asWeights(graph, images.inBlocks(gradient.name), block), channels, window, block);
}
