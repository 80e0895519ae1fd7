// Finds where a network can be cut: at values on which everything after them depends. Each pair of successive ones bounds a stage.

import type { Node, Shape } from "../../graph/types.ts";
import { BATCH } from "./copier.ts";
import type { NetworkTrace } from "./trace.ts";

/** A value at which the network can be cut. */
export interface Link {
  readonly name: string;
  readonly shape: Shape;
  /** Number of the graph's nodes up to and including the one that computes it. */
  readonly position: number;
}

/** The links of the traced network in order, up to `output`: the images, then each value that is all that later nodes depend on. */
export function linksOf({ network, shapes }: NetworkTrace, output: string): readonly Link[] {
  const { graph, image } = network;
  const used = usedNodes(graph.nodes, [output]);
  const last = new Map<string, number>();
  for (const [i, node] of graph.nodes.entries())
    if (used.has(node)) for (const name of node.inputs) if (shapes.has(name)) last.set(name, i);
  const open = new Set([image]);
  const links: Link[] = [];
  const look = (position: number): void => {
    for (const name of open) if ((last.get(name) ?? -1) < position && name !== output) open.delete(name);
    const [only] = open;
    const shape = only === undefined ? undefined : shapes.get(only);
    if (open.size !== 1 || !only || shape?.[0] !== BATCH || links.at(-1)?.name === only) return;
    if (shape.slice(1).every((size) => typeof size === "number")) links.push({ name: only, shape, position });
  };
  look(0);
  for (const [i, node] of graph.nodes.entries()) {
    if (!used.has(node)) continue;
    for (const name of node.outputs) if (shapes.has(name)) open.add(name);
    look(i + 1);
  }
  return links;
}

/** The values that cross a cut right after `name` is computed. The network can be cut there if `name` is the only one. */
export function crossingAt({ network, shapes }: NetworkTrace, name: string): readonly string[] {
  const { nodes } = network.graph;
  const position = nodes.findIndex(({ outputs }) => outputs.includes(name)) + 1;
  const before = new Set([network.image, ...nodes.slice(0, position).flatMap(({ outputs }) => outputs)]);
  const after = new Set(nodes.slice(position).flatMap(({ inputs }) => inputs));
  return [...before].filter((value) => value !== name && shapes.has(value) && after.has(value));
}

/** The nodes that `outputs` depend on. */
export function usedNodes(nodes: readonly Node[], outputs: readonly string[]): ReadonlySet<Node> {
  const needed = new Set(outputs);
  const used = new Set<Node>();
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some((name) => needed.has(name))) continue;
    used.add(node);
    for (const name of node.inputs) needed.add(name);
  }
  return used;
}
