// fastai's head: concat pool (for a transformer the class token and the mean of the others), then blocks of batch norm, dropout and linear,
// with ReLU between them. The pooling is a stage of group 1, so that one vector per image crosses the cut before the head.

import { expected } from "../core/errors.ts";
import type { Value } from "../graph/types.ts";
import { batchNorm, dropout, linear, relu, sizeAlong } from "./layers.ts";
import { concatPool, tokenPool } from "./pooling.ts";
import type { Scope, Stage } from "./scope.ts";

export interface CreateHeadOptions {
  /** Channels of the body's output. */
  readonly features: number;
  readonly classes: number;
  /** Dropout of each block in [0, 1), or one number for all; 0 omits it. Default: 0.25 for each hidden layer, then 0.5. */
  readonly ps?: number | readonly number[];
  /** Widths of the hidden layers; default [512]. */
  readonly hidden?: readonly number[];
  /** The output; default "logits", the input of the losses. */
  readonly output?: "logits" | "softmax" | "sigmoid";
}

/**
 * The stages from a body's output, [n, features, h, w] or [n, 1 + patches, features], to [n, classes]: "pool" (group 1), then "head.0",
 * "head.1", … (group 2) with the parameters "head.bn0.weight", "head.fc0.weight", …. Throws a UsageError for invalid sizes or
 * probabilities.
 */
export function createHead({
  features,
  classes,
  hidden = [512],
  ps = [...hidden.map(() => 0.25), 0.5],
  output = "logits",
}: CreateHeadOptions): readonly Stage[] {
  const widths = [...hidden, classes];
  checkCount("features", features);
  checkCount("classes", classes);
  for (const width of hidden) checkCount("hidden", width);
  const probabilities = typeof ps === "number" ? widths.map(() => ps) : ps;
  checkProbabilities(probabilities, widths.length);
  const blocks = widths.map((width, i): Stage => {
    const last = i === widths.length - 1;
    const apply = (scope: Scope, x: Value): Value => {
      const dropped = dropout(scope, `head.dropout${i}`, batchNorm(scope, `head.bn${i}`, x), probabilities[i] ?? 0);
      const result = linear(scope, `head.fc${i}`, dropped, width);
      return last ? activate(scope, result, output) : relu(scope, result);
    };
    return { name: `head.${i}`, group: 2, apply };
  });
  return [{ name: "pool", group: 1, apply: (scope, x) => pool(scope, x, features) }, ...blocks];
}

function activate(scope: Scope, logits: Value, output: "logits" | "softmax" | "sigmoid"): Value {
  if (output === "logits") return logits;
  return output === "softmax" ? scope.graph.add("Softmax", [logits], { axis: 1 }) : scope.graph.add("Sigmoid", [logits]);
}

function checkCount(name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1) throw expected("a whole number of at least 1", name, value);
}

function checkProbabilities(ps: readonly number[], blocks: number): void {
  if (ps.length !== blocks)
    throw expected(`${blocks} probabilities`, "ps", ps, "Give one for each hidden layer and one for the last, or a single number.");
  for (const p of ps) if (!(p >= 0 && p < 1)) throw expected("a number in [0, 1)", "ps", p);
}

function pool(scope: Scope, x: Value, features: number): Value {
  const tokens = x.shape.length === 3;
  const found = sizeAlong(x, tokens ? 2 : 1);
  if (found !== features)
    throw expected(`${features} channels`, "the head's input", found, "Build the head with the features of its body.");
  return tokens ? tokenPool(scope, x) : concatPool(scope, x);
}
