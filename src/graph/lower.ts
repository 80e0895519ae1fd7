// Rewrites any graph for ONNX Runtime: replaces what it cannot run (BatchNormalization in training mode, thaw's own gradients), and slow
// operators by fast ones.

import { lowerBatchNormalization } from "./batch-norm.ts";
import { blockChannels } from "./blocked.ts";
import type { GraphBuilder } from "./builder.ts";
import { plainClipGradient } from "./clip-gradient.ts";
import { plainWeightGradient } from "./gradients/convolution-weight.ts";
import { comparedMaxima } from "./gradients/pooling.ts";
import { windowOf } from "./gradients/window.ts";
import { lowerInference } from "./lower-inference.ts";
import { maximaOf, scatteredMaxima } from "./max-pool.ts";
import { rewrite } from "./rewrite.ts";
import { isTrainingNorm } from "./training.ts";
import { type Graph, intAttribute, type Node, type Value } from "./types.ts";

/** The capabilities of the engine's kernels. */
export interface Kernels {
  /** The number of channels that they store together (`blockChannels`); default 1. */
  readonly block?: number;
  /** Whether MaxPool returns the index of each maximum; default true. */
  readonly places?: boolean;
}

/** The same graph in operators that ONNX Runtime has. Statistics are shared with the backward pass. */
export function lower(graph: Graph, { block = 1, places = true }: Kernels = {}): Graph {
  // The order matters: the nodes that the first pass adds must equal those of the backward pass as it was built.
  const trained = rewrite(graph, isTrainingNorm, lowerBatchNormalization);
  const pooled = lowerMaxPoolGradients(blockChannels(trained, block), places);
  return lowerInference(
    rewrite(
      pooled,
      ({ op }) => Object.hasOwn(PLAIN, op),
      (builder, node, inputs) => [(PLAIN[node.op] as Plain)(builder, node, inputs)],
    ),
  );
}

function lowerMaxPoolGradients(graph: Graph, places: boolean): Graph {
  const isGradient = ({ op }: Node): boolean => op === "MaxPoolGrad";
  if (places) {
    const maxima = maximaOf(graph.nodes);
    return rewrite(graph, (node) => isGradient(node) || maxima.has(node.outputs[0] as string), scatteredMaxima);
  }
  return rewrite(graph, isGradient, (builder, node, [x, y, gradient]) => [
    comparedMaxima({ graph: builder, node }, x as Value, y as Value, gradient as Value),
  ]);
}

type Plain = (builder: GraphBuilder, node: Node, inputs: readonly Value[]) => Value;

/** thaw's own operators in common ones, where they have not been computed in blocks. */
const PLAIN: Readonly<Record<string, Plain>> = {
  ClipGrad: plainClipGradient,
  ConvWeightGrad: (builder, node, inputs) => {
    const [x, gradient] = inputs as [Value, Value];
    return plainWeightGradient({ graph: builder, gradient }, x, windowOf(node, x, gradient), intAttribute(node, "group", 1));
  },
};
