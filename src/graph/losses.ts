// Losses as graph functions. Each gives the mean, to be differentiated, and the loss of every item.

import type { GraphBuilder } from "./builder.ts";
import type { Value } from "./types.ts";

export interface Loss {
  /** The mean over the batch, a scalar []. */
  readonly loss: Value;
  /** [batch]. */
  readonly perItem: Value;
}

/** Softmax cross-entropy of `logits` [batch, classes] against soft targets [batch, classes] (each row sums to 1): −Σ target · log softmax. */
export function softmaxCrossEntropy(graph: GraphBuilder, logits: Value, softTargets: Value): Loss {
  const weighted = graph.add("Mul", [softTargets, graph.add("LogSoftmax", [logits], { axis: 1 })]);
  const perItem = graph.add("Neg", [graph.add("ReduceSum", [weighted, graph.ints([1])], { keepdims: 0 })]);
  return meanOf(graph, perItem);
}

/** Binary cross-entropy of `logits` [batch, classes] against targets in [0, 1], as mean over the classes: softplus(x) − x · target, which cannot overflow. */
export function binaryCrossEntropy(graph: GraphBuilder, logits: Value, targets: Value): Loss {
  const each = graph.add("Sub", [graph.add("Softplus", [logits]), graph.add("Mul", [logits, targets])]);
  return meanOf(graph, perItemMean(graph, each));
}

/** The mean absolute difference of two values of shape [batch, ...]. */
export function l1(graph: GraphBuilder, prediction: Value, target: Value): Loss {
  return meanOf(graph, perItemMean(graph, graph.add("Abs", [graph.add("Sub", [prediction, target])])));
}

/** The mean squared difference of two values of shape [batch, ...]. */
export function meanSquaredError(graph: GraphBuilder, prediction: Value, target: Value): Loss {
  const difference = graph.add("Sub", [prediction, target]);
  return meanOf(graph, perItemMean(graph, graph.add("Mul", [difference, difference])));
}

function perItemMean(graph: GraphBuilder, each: Value): Value {
  const axes = [...each.shape.keys()].slice(1);
  return axes.length === 0 ? each : graph.add("ReduceMean", [each, graph.ints(axes)], { keepdims: 0 });
}

function meanOf(graph: GraphBuilder, perItem: Value): Loss {
  return { loss: graph.add("ReduceMean", [perItem, graph.ints([0])], { keepdims: 0 }), perItem };
}
