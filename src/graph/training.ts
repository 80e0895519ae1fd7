// Detects graphs for training.

import { type Graph, intAttribute, type Node, OWN_DOMAIN } from "./types.ts";

/** Whether `graph` has anything that `lower` rewrites and `lowerInference` does not. */
export function trains(graph: Graph): boolean {
  return graph.nodes.some((node) => node.domain === OWN_DOMAIN || isTrainingNorm(node)) || convolvesComputed(graph);
}

/** Whether any convolution has computed weights. */
export function convolvesComputed({ nodes, constants }: Graph): boolean {
  return nodes.some(({ op, inputs }) => op === "Conv" && !constants.has(inputs[1] as string));
}

export function isTrainingNorm(node: Node): boolean {
  return node.op === "BatchNormalization" && intAttribute(node, "training_mode", 0) === 1;
}
