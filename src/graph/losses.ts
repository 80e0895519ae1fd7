// Losses as graph functions. Each returns the mean, for differentiation, and the loss of every item.

import { expected } from "../core/errors.ts";
import { float32 } from "../core/tensor.ts";
import type { GraphBuilder } from "./builder.ts";
import type { Value } from "./types.ts";

export interface Loss {
  /** The mean over the batch, a scalar []. */
  readonly loss: Value;
  /** [batch]. */
  readonly perItem: Value;
}

/** Options of a cross-entropy, for classes that are rare, hard or possibly mislabelled. */
export interface CrossEntropyOptions {
  /** Label smoothing in [0, 1): this share of each target is spread evenly over all classes (Szegedy et al. 2016); default 0. */
  readonly smoothing?: number | undefined;
  /** A weight for each class, at least 0; default 1 each. */
  readonly weights?: readonly number[] | undefined;
  /** The focal loss's γ, at least 0: a term is weighted by (1 − p)^γ, p the probability of the true class (Lin et al. 2017); default 0. */
  readonly focal?: number | undefined;
}

/**
 * Softmax cross-entropy (Bridle 1990) of `logits` [batch, classes] against soft targets [batch, classes] (each row sums to 1):
 * −Σ target · log softmax. With class weights the mean is weighted by the targets' weights before smoothing, as in PyTorch. Throws a
 * UsageError for options out of range.
 */
export function softmaxCrossEntropy(graph: GraphBuilder, logits: Value, softTargets: Value, options: CrossEntropyOptions = {}): Loss {
  const { smoothing = 0, weights, focal = 0 } = checked(options, logits);
  const logs = graph.add("LogSoftmax", [logits], { axis: 1 });
  let terms = graph.add("Mul", [smoothed(graph, softTargets, smoothing, logits.shape[1] as number), logs]);
  if (focal > 0) terms = graph.add("Mul", [terms, focalFactor(graph, graph.add("Exp", [logs]), focal)]);
  if (!weights) return meanOf(graph, graph.add("Neg", [graph.add("ReduceSum", [terms, graph.ints([1])], { keepdims: 0 })]));
  const each = graph.constant(float32(weights));
  const perItem = graph.add("Neg", [graph.add("ReduceSum", [graph.add("Mul", [terms, each]), graph.ints([1])], { keepdims: 0 })]);
  const total = graph.add("ReduceSum", [graph.add("Mul", [softTargets, each]), graph.ints([0, 1])], { keepdims: 0 });
  return { loss: graph.add("Div", [graph.add("ReduceSum", [perItem, graph.ints([0])], { keepdims: 0 }), total]), perItem };
}

/**
 * Binary cross-entropy of `logits` [batch, classes] against targets in [0, 1], as in logistic regression (Cox 1958), averaged over the
 * classes: softplus(x) − x · target, which cannot overflow. Class weights scale each class's terms as in PyTorch. Throws a UsageError for
 * options out of range.
 */
export function binaryCrossEntropy(graph: GraphBuilder, logits: Value, targets: Value, options: CrossEntropyOptions = {}): Loss {
  const { smoothing = 0, weights, focal = 0 } = checked(options, logits);
  const soft = smoothed(graph, targets, smoothing, 2);
  let each = graph.add("Sub", [graph.add("Softplus", [logits]), graph.add("Mul", [logits, soft])]);
  if (focal > 0) {
    const p = graph.add("Sigmoid", [logits]);
    const wrong = graph.add("Sub", [graph.add("Add", [p, targets]), graph.add("Mul", [graph.scalar(2), graph.add("Mul", [p, targets])])]);
    each = graph.add("Mul", [each, focalFactor(graph, graph.add("Sub", [graph.scalar(1), wrong]), focal)]);
  }
  if (weights) each = graph.add("Mul", [each, graph.constant(float32(weights))]);
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

function smoothed(graph: GraphBuilder, targets: Value, smoothing: number, outcomes: number): Value {
  if (smoothing === 0) return targets;
  return graph.add("Add", [graph.add("Mul", [targets, graph.scalar(1 - smoothing)]), graph.scalar(smoothing / outcomes)]);
}

/** (1 − p)^γ, with slightly more than 1 to keep the gradient finite at p = 1 if γ < 1. */
function focalFactor(graph: GraphBuilder, p: Value, gamma: number): Value {
  const rest = graph.add("Add", [graph.add("Sub", [graph.scalar(1), p]), graph.scalar(1e-8)]);
  return graph.add("Pow", [rest, graph.scalar(gamma)]);
}

function checked(options: CrossEntropyOptions, logits: Value): CrossEntropyOptions {
  const { smoothing = 0, weights, focal = 0 } = options;
  if (!(smoothing >= 0 && smoothing < 1)) throw expected("a number in [0, 1)", "label smoothing", smoothing);
  if (!(focal >= 0)) throw expected("a number of at least 0", "the focal loss's gamma", focal);
  if (weights && weights.length !== logits.shape[1])
    throw expected(`${logits.shape[1]} numbers`, "class weights", weights, "Give one for each class, in the order of the classes.");
  for (const weight of weights ?? []) if (!(weight >= 0)) throw expected("numbers of at least 0", "class weights", weights);
  return options;
}
