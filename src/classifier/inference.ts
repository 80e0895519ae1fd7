// The inference graph of a run of stages: parameters are constants, batch norm is folded into the convolutions.

import type { ElementType } from "../core/tensor.ts";
import { GraphBuilder } from "../graph/builder.ts";
import { foldBatchNorm } from "../graph/fold.ts";
import type { Graph, Shape, Value } from "../graph/types.ts";
import { applyStages, inferenceScope, type Parameters, type Stage } from "../nn/scope.ts";
import { distanceNode, type KnownClasses, splitAtHead } from "./known.ts";

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
  /** Adds "distance" [batch], how far an image lies from the known classes, in units of `limit`. */
  readonly known?: (KnownClasses & { readonly limit: number }) | undefined;
}

/** A graph from its input to "output" through `stages`, for inference. */
export function inferenceGraph({
  stages,
  parameters,
  inputName = "input",
  inputType,
  inputShape,
  prepare,
  known,
}: InferenceOptions): Graph {
  const graph = new GraphBuilder();
  const input = graph.input(inputName, inputType, inputShape);
  const [scope, x] = [inferenceScope(graph, parameters), prepare ? prepare(graph, input) : input];
  if (!known) return foldBatchNorm(graph.build({ output: applyStages(scope, stages, x) }));
  const [body, head] = splitAtHead(stages);
  const features = applyStages(scope, body, x);
  const distance = distanceNode(graph, features, known, known.limit);
  return foldBatchNorm(graph.build({ output: applyStages(scope, head, features), distance }));
}
