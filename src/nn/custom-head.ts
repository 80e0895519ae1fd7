// A custom head as data: a list of layers, which a saved model stores and reads back without running any code.
// Leading pools belong to the body's last group, so that one vector per image crosses the cut before the head.

import { expected } from "../core/errors.ts";
import type { Value } from "../graph/types.ts";
import { batchNorm, conv2d, dropout, linear, relu } from "./layers.ts";
import { averagePool, concatPool, highestPool, tokenPool } from "./pooling.ts";
import type { Scope, Stage } from "./scope.ts";

/**
 * A layer of a head. Pools reduce an image's map to a vector: each channel's mean, its maximum, or both (for a transformer the class token
 * and the mean of the others). The last `linear` or `conv` has "classes" outputs; `conv` has a square `kernel` (default 3) and keeps the
 * map's size.
 */
export type HeadLayer =
  | "concatPool"
  | "averagePool"
  | "maxPool"
  | "batchNorm"
  | "relu"
  | { readonly dropout: number }
  | { readonly linear: number | "classes" }
  | { readonly conv: number | "classes"; readonly kernel?: number | undefined };

const POOLS: Readonly<Record<string, (scope: Scope, x: Value) => Value>> = {
  concatPool,
  averagePool,
  maxPool: highestPool,
};

/**
 * The stages "head.0", "head.1", … of `layers`, with parameters such as "head.3.weight", from a body's output to [n, classes]. Throws a
 * UsageError for invalid layers: immediately for invalid numbers, when the stages are built for shapes that do not fit.
 */
export function createCustomHead(layers: readonly HeadLayer[], classes: number): readonly Stage[] {
  checkLayers(layers);
  const pools = layers.findIndex((layer) => !isPool(layer));
  return layers.map((layer, i) => ({
    name: `head.${i}`,
    group: i < pools || pools < 0 ? 1 : 2,
    apply(scope, x) {
      const value = build(scope, layer, i, x, classes);
      if (i === layers.length - 1 && (value.shape.length !== 2 || value.shape[1] !== classes))
        throw expected(
          `[batch, ${classes}]`,
          "the custom head's output",
          value.shape,
          'End it with { linear: "classes" }, or with a pool.',
        );
      return value;
    },
  }));
}

function build(scope: Scope, layer: HeadLayer, i: number, x: Value, classes: number): Value {
  const name = `head.${i}`;
  const width = (outputs: number | "classes") => (outputs === "classes" ? classes : outputs);
  if (layer === "concatPool" && x.shape.length === 3) return tokenPool(scope, x);
  if (isPool(layer)) return (POOLS[layer] as (typeof POOLS)[string])(scope, shaped(x, 4, "a map per image", i, layer));
  if (layer === "batchNorm") return batchNorm(scope, name, x);
  if (layer === "relu") return relu(scope, x);
  if ("dropout" in layer) return dropout(scope, name, x, layer.dropout);
  if ("linear" in layer) return linear(scope, name, shaped(x, 2, "one vector per image", i, layer), width(layer.linear));
  const { conv, kernel = 3 } = layer;
  const map = shaped(x, 4, "a map per image", i, layer);
  return conv2d(scope, name, map, { channels: width(conv), kernel, padding: (kernel - 1) / 2, bias: true });
}

function shaped(x: Value, rank: number, what: string, i: number, layer: HeadLayer): Value {
  if (x.shape.length !== rank) throw expected(what, `layer ${i} of the custom head, ${JSON.stringify(layer)},`, x.shape);
  return x;
}

function checkLayers(layers: readonly HeadLayer[]): void {
  const sized = layers.flatMap((layer) => {
    if (typeof layer === "string") return [];
    if ("dropout" in layer) {
      if (!(layer.dropout >= 0 && layer.dropout < 1)) throw expected("a number in [0, 1)", "dropout", layer.dropout);
      return [];
    }
    if ("conv" in layer && layer.kernel !== undefined && !(layer.kernel > 0 && layer.kernel % 2 === 1))
      throw expected("an odd number", "kernel", layer.kernel);
    return ["linear" in layer ? layer.linear : layer.conv];
  });
  for (const outputs of sized.slice(0, -1))
    if (outputs === "classes" || !Number.isInteger(outputs) || outputs < 1)
      throw expected("a whole number of at least 1", "a layer of the custom head before its last", outputs);
  if (sized.at(-1) !== "classes")
    throw expected('"classes" outputs', "the last linear or conv of the custom head", sized.at(-1) ?? "none of them");
}

function isPool(layer: HeadLayer): layer is "concatPool" | "averagePool" | "maxPool" {
  return typeof layer === "string" && layer in POOLS;
}
