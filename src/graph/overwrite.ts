// Which inputs of a graph an output may be written over while the graph runs, in whatever order its nodes do.

import { VIEWS } from "./cost.ts";
import type { Graph, Node } from "./types.ts";

/**
 * Of `pairs`, each an input and an output of the same shape, the inputs that may have the output's memory: every node that reads the input
 * computes something that the output's node needs, so all have read it before that node writes.
 */
export function overwritable(graph: Graph, pairs: Iterable<readonly [input: string, output: string]>): ReadonlySet<string> {
  const makers = new Map<string, Node>();
  const readers = new Map<string, Node[]>();
  for (const node of graph.nodes) {
    for (const name of node.outputs) makers.set(name, node);
    for (const name of node.inputs) readers.set(name, [...(readers.get(name) ?? []), node]);
  }
  // What only renames memory is read where its result is.
  const readersOf = (name: string): readonly Node[] =>
    (readers.get(name) ?? []).flatMap((node) => [node, ...(VIEWS.has(node.op) ? node.outputs.flatMap(readersOf) : [])]);
  const returned = new Set(graph.outputs.map(({ name }) => name));
  const safe = [...pairs].filter(([input, output]) => {
    const maker = makers.get(output);
    if (!maker || returned.has(input)) return false;
    return needs(maker, readersOf(input), makers);
  });
  return new Set(safe.map(([input]) => input));
}

/** Whether `node` is computed from all of `wanted`, itself not being one of them. Nearest first: the readers of an optimiser's state are. */
function needs(node: Node, wanted: readonly Node[], makers: ReadonlyMap<string, Node>): boolean {
  const missing = new Set(wanted);
  if (missing.has(node)) return false;
  const found = new Set([node]);
  for (const each of found) {
    if (missing.size === 0) break;
    for (const name of each.inputs) {
      const maker = makers.get(name);
      if (!maker) continue;
      found.add(maker);
      missing.delete(maker);
    }
  }
  return missing.size === 0;
}
