// A scope in training mode for tests: parameters and masks are inputs, and the layers' records are accessible.

import type { GraphBuilder, Value } from "../../src/graph/index.ts";
import type { MaskSpec, Scope } from "../../src/nn/index.ts";

export interface TrainingScope extends Scope {
  /** The new running statistics, by the name of the old ones. */
  readonly statistics: Map<string, Value>;
  readonly masks: MaskSpec[];
}

export function trainingScope(graph: GraphBuilder): TrainingScope {
  const statistics = new Map<string, Value>();
  const masks: MaskSpec[] = [];
  return {
    graph,
    statistics,
    masks,
    training: true,
    batchStatistics: true,
    parameter: (name, shape) => (graph.has(name) ? graph.value(name) : graph.input(name, "float32", shape)),
    statistic: (name, value) => void statistics.set(name, value),
    mask(name, shape, probability) {
      masks.push({ name, shape, probability });
      return graph.input(name, "float32", shape);
    },
  };
}
