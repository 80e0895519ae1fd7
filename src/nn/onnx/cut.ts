// Finds where the body of an exported network ends and where its second layer group begins, unless the user specifies it.

import { expected, UsageError } from "../../core/errors.ts";
import { sizeOf } from "../../core/tensor.ts";
import type { Node } from "../../graph/types.ts";
import type { NetworkForm } from "../scope.ts";
import { crossingAt, type Link, usedNodes } from "./chain.ts";
import type { NetworkTrace } from "./trace.ts";

export interface BodyEnd {
  readonly link: Link;
  readonly form: NetworkForm;
}

const POOLS: ReadonlySet<string> = new Set(["GlobalAveragePool", "GlobalMaxPool", "AveragePool", "MaxPool", "ReduceMean", "ReduceMax"]);

/**
 * The end of the body: the input of the last global pooling before the classifier; if nothing is pooled (a vision transformer's class
 * token, flattened maps), the last map or sequence of tokens before it. Undefined if there is none.
 */
export function findBodyEnd(trace: NetworkTrace, links: readonly Link[]): BodyEnd | undefined {
  const { classifier, last } = lastLayer(trace, links);
  const before = links.slice(1).filter(({ position }) => !classifier || position <= last);
  for (const [i, link] of [...before.entries()].reverse()) {
    const next = before[i + 1];
    // Without a classifier, layers after the pooling belong to the body.
    if (!classifier && next && next.position <= last) break;
    const form = next && pooledForm(trace, link, next);
    if (form) return { link, form };
  }
  const link = before.findLast(({ shape }) => shape.length === 3 || shape.length === 4) ?? before.at(-1);
  return link && { link, form: formOf(link) };
}

/** Position of the last node with weights, and whether it is a classifier. */
function lastLayer(trace: NetworkTrace, links: readonly Link[]): { readonly last: number; readonly classifier: boolean } {
  const { nodes } = trace.network.graph;
  const used = trace.failure ? undefined : usedNodes(nodes, [(links.at(-1) as Link).name]);
  const last = nodes.findLastIndex((node) => hasWeights(trace, node) && (used?.has(node) ?? true));
  // What comes after the node that could not be followed is not known.
  return { last, classifier: last >= 0 && (trace.failure !== undefined || classifies(trace, nodes[last] as Node, links)) };
}

/**
 * Whether the last layer with weights is a classifier, not the end of a network without one. In a residual block other values bypass it. A
 * 1×1 convolution before the pooling can be either (SqueezeNet's classifier, MobileNetV2's last layer): then its name tells, or its number
 * of channels, which is a multiple of 32 for features.
 */
function classifies(trace: NetworkTrace, node: Node, links: readonly Link[]): boolean {
  const link = links.find(({ name }) => node.outputs.includes(name));
  if (!link) return false;
  if (link.shape.length === 2) return true;
  if (!isDense(trace, node)) return false;
  const channels = link.shape[link.shape.length === 4 && link.shape[3] !== 1 && node.op !== "Conv" ? 3 : 1] as number;
  return CLASSIFIER.test([node.name, ...node.inputs.slice(1)].join(" ")) || channels % 32 !== 0;
}

const CLASSIFIER = /(^|[^a-z])(classifier|fc|logits|predictions?)([^a-z]|$)/i;

/** Whether a layer's weights apply to single positions: a matrix product, or a convolution with a kernel of 1×1. */
function isDense({ network }: NetworkTrace, node: Node): boolean {
  return node.inputs.every(
    (name) => network.parameters.get(name)?.kind !== "weight" || sizeOf(network.parameters.get(name)?.shape.slice(2) ?? []) === 1,
  );
}

/** What a cut drops of the network. */
export interface Dropped {
  /** Share of the parameters of everything that the file's outputs depend on, in [0, 1]. */
  readonly share: number;
  /** Layers with weights. */
  readonly layers: number;
  /** Whether it is more than a classifier: convolutions with kernels, or many layers. */
  readonly body: boolean;
}

/** The most layers of a classifier. */
const CLASSIFIER_LAYERS = 4;

/** What a cut at `end`, one of `links`, drops. */
export function droppedAfter(trace: NetworkTrace, links: readonly Link[], end: Link): Dropped {
  const { nodes } = trace.network.graph;
  const used = trace.failure ? undefined : usedNodes(nodes, [(links.at(-1) as Link).name]);
  const after = nodes.slice(end.position).filter((node) => used?.has(node) ?? true);
  const layers = after.filter((node) => hasWeights(trace, node));
  const kept = countParameters(trace, nodes.slice(0, end.position));
  const dropped = countParameters(trace, after);
  return {
    share: dropped === 0 ? 0 : dropped / (kept + dropped),
    layers: layers.length,
    body: layers.length > CLASSIFIER_LAYERS || layers.some((node) => !isDense(trace, node)),
  };
}

/** The number of parameters that are inputs of `nodes`: each is the input of a single node. */
function countParameters({ network }: NetworkTrace, nodes: readonly Node[]): number {
  return nodes.reduce(
    (sum, { inputs }) => inputs.reduce((count, name) => count + sizeOf(network.parameters.get(name)?.shape ?? [0]), sum),
    0,
  );
}

/** The value or node called `cut` as the end of the body. Throws a UsageError that says what is wrong with it. */
export function namedBodyEnd(trace: NetworkTrace, links: readonly Link[], cut: string): BodyEnd {
  const name = valueNamed(trace, cut);
  const link = links.slice(1).find((each) => each.name === name);
  if (link) return { link, form: formOf(link) };
  const others = crossingAt(trace, name);
  const near = nearestLinks(trace, links, name).map((each) => `"${each}"`);
  throw new UsageError(
    others.length > 0
      ? `The network cannot be cut at "${cut}": ${others.length > 1 ? "other values bypass" : "another value bypasses"} it ("${others[0]}")`
      : `The network cannot be cut at "${cut}": it has no fixed shape [images, …]`,
    `Cut where only one value crosses${near.length > 0 ? `, such as ${near.join(" or ")}` : ""}.`,
  );
}

function valueNamed({ network, shapes }: NetworkTrace, cut: string): string {
  if (shapes.has(cut)) return cut;
  const output = network.graph.nodes.find(({ name }) => name === cut)?.outputs[0];
  if (output !== undefined && shapes.has(output)) return output;
  throw expected(
    "the name of a node or value that depends on the image",
    "cut",
    cut,
    "thaw's inspectOnnx lists where a network can be cut.",
  );
}

/** The links nearest to the value called `name`, before and after it. */
function nearestLinks({ network }: NetworkTrace, links: readonly Link[], name: string): readonly string[] {
  const position = network.graph.nodes.findIndex(({ outputs }) => outputs.includes(name)) + 1;
  const [before, after] = [links.findLast((link) => link.position < position), links.find((link) => link.position > position)];
  return [before, after].filter((link) => link !== undefined && link.position > 0).map((link) => (link as Link).name);
}

function hasWeights({ network }: NetworkTrace, node: Node): boolean {
  return node.inputs.some((name) => network.parameters.get(name)?.kind === "weight");
}

/** The form of `from` if `to` is its mean or maximum over all positions, which are then alike; undefined otherwise. */
function pooledForm({ network }: NetworkTrace, from: Link, to: Link): NetworkForm | undefined {
  const { nodes, constants } = network.graph;
  const node = nodes.find(({ outputs }) => outputs.includes(to.name));
  if (!node || !POOLS.has(node.op) || node.inputs[0] !== from.name) return undefined;
  const rank = from.shape.length;
  const spatial = Array.from({ length: rank - 2 }, (_, i) => i + 2);
  const given = constants.get(node.inputs[1] ?? "")?.data as BigInt64Array | undefined;
  const axes = given ? Array.from(given, (axis) => (Number(axis) + rank) % rank) : spatial;
  if (!given && spatial.some((axis) => to.shape[axis] !== 1)) return undefined;
  const [channels, ...others] = [...from.shape.keys()].filter((axis) => axis > 0 && !axes.includes(axis));
  if (channels === undefined || others.length > 0 || axes.includes(0)) return undefined;
  if (rank === 4) return channels === 1 ? "map" : channels === 3 ? "map-last" : undefined;
  return rank === 3 ? (channels === 2 ? "patches" : "patches-last") : undefined;
}

function formOf({ shape }: Link): NetworkForm {
  if (shape.length === 4) return "map";
  if (shape.length === 3) return isSquare(shape[1] as number) ? "patches" : "tokens";
  if (shape.length === 2) return "vector";
  throw expected("a map, a sequence of tokens or a vector for each image", "the value to cut at", `[${shape}]`, "Cut at another value.");
}

/** Whether there are as many tokens as patches of a square image: a class token, or registers beside it, would be one too many. */
function isSquare(tokens: number): boolean {
  return tokens > 1 && Number.isInteger(Math.sqrt(tokens));
}

/** A side of the map in pixels; undefined if it is not a map. */
function sideOf({ shape }: Link): number | undefined {
  if (shape.length !== 4) return undefined;
  return (shape[2] === shape[3] ? shape[2] : shape[1]) as number;
}

/**
 * The link at which the second group begins, as in thaw's own networks: the narrowest, last one before the map's side falls to a sixteenth
 * of the image's; if there is no such map, half-way through the parameters. Never before `earliest`.
 */
export function findSplit(trace: NetworkTrace, links: readonly Link[], size: number, earliest: number): Link {
  const small = links.findIndex((link) => (sideOf(link) ?? size) <= size / 16);
  const large = small > 0 ? (links[small - 1] as Link) : undefined;
  const run = links.filter((link, i) => i < small && i > 0 && sideOf(link) === (large && sideOf(large)));
  const narrow = Math.min(...run.map(({ shape }) => sizeOf(shape.slice(1) as number[])));
  const found = run.findLast(({ shape }) => sizeOf(shape.slice(1) as number[]) === narrow) ?? halfWay(trace, links);
  return links.indexOf(found) < earliest ? (links[earliest] as Link) : found;
}

function halfWay(trace: NetworkTrace, links: readonly Link[]): Link {
  const { nodes } = trace.network.graph;
  const end = links.at(-1) as Link;
  let sum = 0;
  const sums = [0, ...nodes.map((node) => (sum += countParameters(trace, [node])))];
  const upTo = (position: number): number => sums[position] as number;
  const inner = links.slice(1, -1);
  const distance = (link: Link): number => Math.abs(upTo(link.position) - upTo(end.position) / 2);
  return inner.toSorted((a, b) => distance(a) - distance(b))[0] ?? end;
}
