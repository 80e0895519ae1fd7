// Sorts the nodes of an ONNX file so that they can run, checks that each value is computed once, and gives each node a distinct name.

import { UsageError } from "../../core/errors.ts";
import type { Node } from "../types.ts";

/**
 * `nodes` sorted so that each follows the nodes it depends on; a valid order is unchanged. `given` are the names of inputs and constants.
 * Throws a UsageError that names a node for a value that is computed twice or never, and for a cycle.
 */
export function sortNodes(nodes: readonly Node[], given: ReadonlySet<string>): readonly Node[] {
  const makers = new Map<string, Node>();
  for (const node of nodes) {
    for (const name of node.outputs) {
      if (name === "") continue;
      if (given.has(name) || makers.has(name))
        throw new UsageError(`The ONNX value "${name}" is computed twice (${describe(node)})`, "The file is damaged: export it again.");
      makers.set(name, node);
    }
  }
  const sorted: Node[] = [];
  const states = new Map<Node, "open" | "done">();
  for (const root of nodes) {
    // An explicit stack: networks can be deeper than JavaScript's.
    const stack = [root];
    while (stack.length > 0) {
      const node = stack.at(-1) as Node;
      const waiting = states.get(node) === "done" ? [] : pendingNodes(node, makers, given, states);
      if (waiting.length > 0) {
        states.set(node, "open");
        stack.push(...waiting);
        continue;
      }
      stack.pop();
      if (states.get(node) !== "done") sorted.push(node);
      states.set(node, "done");
    }
  }
  return sorted;
}

/** The nodes that must run before `node` and have not yet; throws if one of them waits for `node`. */
function pendingNodes(
  node: Node,
  makers: ReadonlyMap<string, Node>,
  given: ReadonlySet<string>,
  states: ReadonlyMap<Node, "open" | "done">,
): readonly Node[] {
  const waiting: Node[] = [];
  for (const name of node.inputs) {
    if (name === "" || given.has(name)) continue;
    const maker = makers.get(name);
    if (!maker) throw new UsageError(`The ONNX value "${name}" that ${describe(node)} reads is never computed`, "Export the model again.");
    if (states.get(maker) === "done") continue;
    if (states.get(maker) === "open" || maker === node)
      throw new UsageError(`The ONNX graph has a cycle through ${describe(node)}`, "The file is damaged: export it again.");
    waiting.push(maker);
  }
  return waiting;
}

/** The nodes under distinct names: repeated and missing names are numbered. */
export function uniquelyNamed(nodes: readonly Node[]): readonly Node[] {
  const taken = new Set<string>();
  return nodes.map((node, i) => {
    let name = node.name || `${node.op}#${i}`;
    while (taken.has(name)) name = `${name}#${i}`;
    taken.add(name);
    return { ...node, name };
  });
}

function describe({ op, name }: Node): string {
  return `operator ${op}, node "${name}"`;
}
