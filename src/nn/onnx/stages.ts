// Splits an exported network into stages: one between every two values at which it can be cut, and one that turns its output into the
// head's input.

import type { Node, Value } from "../../graph/types.ts";
import { channelsFirst, channelsLast } from "../activations.ts";
import type { NetworkForm, Scope, Stage } from "../scope.ts";
import type { Link } from "./chain.ts";
import { isKnown, type OnnxNetwork } from "./copier.ts";
import { Copy } from "./copy.ts";
import type { Known } from "./known.ts";
import type { NetworkTrace } from "./trace.ts";

/** The stages along `links`, the first of which is the images; `groupOf` returns the layer group of the stage that begins with a link. */
export function stagesAlong(trace: NetworkTrace, links: readonly Link[], groupOf: (from: Link) => number): readonly Stage[] {
  const free = constantNodes(trace);
  return links.slice(1).map((to, i): Stage => {
    const from = links[i] as Link;
    const { nodes, known } = nodesBetween(trace, free, from, to);
    return {
      name: to.name,
      group: groupOf(from),
      apply: (scope, x) => applyNodes(scope, trace.network, { nodes, known, from: from.name, to: to.name }, x),
    };
  });
}

interface Piece {
  readonly nodes: readonly Node[];
  readonly known: ReadonlyMap<string, Known>;
  readonly from: string;
  readonly to: string;
}

function applyNodes(scope: Scope, network: OnnxNetwork, { nodes, known, from, to }: Piece, x: Value): Value {
  const copy = new Copy(scope, network, from, x, known);
  for (const node of nodes) copy.add(node);
  const result = copy.find(to);
  if (!result || isKnown(result)) throw new Error(`The stage "${to}" computes no value`);
  return result;
}

/** The nodes that compute from constants alone, with their positions. */
function constantNodes({ network, shapes, known }: NetworkTrace): readonly (readonly [number, Node])[] {
  return [...network.graph.nodes.entries()].filter(([, { outputs }]) => !outputs.some((name) => shapes.has(name) || known.has(name)));
}

/** The nodes from one link to the next, and the known numbers that they need from earlier nodes. */
function nodesBetween(
  { network, known }: NetworkTrace,
  free: readonly (readonly [number, Node])[],
  from: Link,
  to: Link,
): { nodes: readonly Node[]; known: ReadonlyMap<string, Known> } {
  const { nodes, constants } = network.graph;
  const before = free.filter(([position]) => position < from.position).map(([, node]) => node);
  const upTo = [...before, ...nodes.slice(from.position, to.position)];
  const given = (name: string): boolean => name === "" || name === from.name || constants.has(name) || network.parameters.has(name);
  const reached = new Set<string>();
  for (const node of upTo)
    if (node.inputs.every((name) => given(name) || reached.has(name) || known.has(name)))
      for (const name of node.outputs) reached.add(name);
  const needed = new Set([to.name]);
  const fromEarlier = new Map<string, Known>();
  const chosen: Node[] = [];
  for (const node of upTo.toReversed()) {
    const wanted = node.outputs.filter((name) => needed.has(name) && name !== from.name);
    if (wanted.length === 0) continue;
    if (wanted.every((name) => reached.has(name))) {
      chosen.push(node);
      for (const name of node.inputs) if (!given(name)) needed.add(name);
    } else {
      for (const name of wanted) if (known.has(name)) fromEarlier.set(name, known.get(name) as Known);
    }
  }
  const made = new Set(upTo.flatMap(({ outputs }) => outputs));
  for (const name of needed) if (!made.has(name) && known.has(name)) fromEarlier.set(name, known.get(name) as Known);
  return { nodes: chosen.reverse(), known: fromEarlier };
}

/** From each form to [n, channels, h, w] or [n, tokens, channels], and back. */
const FORMS: Readonly<Partial<Record<NetworkForm, { readonly name: string; readonly to: Stage["apply"]; readonly from: Stage["apply"] }>>> =
  {
    "map-last": { name: "channels first", to: channelsFirst, from: channelsLast },
    "tokens-last": { name: "channels last", to: swapped, from: swapped },
    patches: {
      name: "map of one column",
      to: (scope, x) => scope.graph.add("Unsqueeze", [swapped(scope, x), scope.graph.ints([3])]),
      from: (scope, x) => swapped(scope, scope.graph.add("Squeeze", [x, scope.graph.ints([3])])),
    },
    "patches-last": {
      name: "map of one column",
      to: ({ graph }, x) => graph.add("Unsqueeze", [x, graph.ints([3])]),
      from: ({ graph }, x) => graph.add("Squeeze", [x, graph.ints([3])]),
    },
    vector: {
      name: "map of one pixel",
      to: ({ graph }, x) => graph.add("Unsqueeze", [x, graph.ints([2, 3])]),
      from: ({ graph }, x) => graph.add("Squeeze", [x, graph.ints([2, 3])]),
    },
  };

function swapped({ graph }: Scope, x: Value): Value {
  return graph.add("Transpose", [x], { perm: [0, 2, 1] });
}

/** The stages, at most one, that turn a value of `form` into the head's input. */
export function formingStages(form: NetworkForm): readonly Stage[] {
  const found = FORMS[form];
  return found ? [{ name: found.name, group: 1, apply: found.to }] : [];
}

/** The stages that undo `formingStages`, for the rest of the file. */
export function restoringStages(form: NetworkForm): readonly Stage[] {
  const found = FORMS[form];
  return found ? [{ name: `not ${found.name}`, group: 2, apply: found.from }] : [];
}
