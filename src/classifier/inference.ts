// The inference graph of a run of stages: parameters are constants, batch norm is folded into the convolutions.

import type { ElementType } from "../core/tensor.ts";
import { GraphBuilder } from "../graph/builder.ts";
import { foldBatchNorm } from "../graph/fold.ts";
import type { Graph, Shape, Value } from "../graph/types.ts";
import { applyStages, inferenceScope, type Parameters, type Stage } from "../nn/scope.ts";

export interface InferenceOptions {
  readonly stages: readonly Stage[];
  readonly parameters: Parameters;
  /** Default "input". */
  readonly inputName?: string;
  readonly inputType: ElementType;
  /** If its first dimension is "batch", one session runs batches of any size. */
  readonly inputShape: Shape;
  /** Turns the graph's input into the first stage's input; `normalizePixels`, for example. */
  readonly prepare?: ((graph: GraphBuilder, input: Value) => Value) | undefined;
}

/** A graph from its input to "output" through `stages`, for inference. */
export function inferenceGraph({ stages, parameters, inputName = "input", inputType, inputShape, prepare }: InferenceOptions): Graph {
  const graph = new GraphBuilder();
  const input = graph.input(inputName, inputType, inputShape);
  const output = applyStages(inferenceScope(graph, parameters), stages, prepare ? prepare(graph, input) : input);
  return foldBatchNorm(graph.build({ output }));
}
