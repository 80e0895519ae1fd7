// Finds where the body of an exported network ends and where its second layer group begins, unless the user specifies it.

import { expected, UsageError } from "../../core/errors.ts";
import { sizeOf } from "../../core/tensor.ts";
import type { Node } from "../../graph/types.ts";
import type { NetworkForm } from "../scope.ts";
import { crossingAt, type Link } from "./chain.ts";
import type { NetworkTrace } from "./trace.ts";

export interface BodyEnd {
  readonly link: Link;
  readonly form: NetworkForm;
}

const POOLS: ReadonlySet<string> = new Set(["GlobalAveragePool", "GlobalMaxPool", "AveragePool", "MaxPool", "ReduceMean", "ReduceMax"]);

/**
 * The end of the body: the input of the last global pooling before the last layer with weights; if nothing is pooled (a vision
 * transformer's class token, flattened maps), the last map or sequence of tokens before that layer. Undefined if there is none, or if the
 * network could not be followed that far.
 */
export function findBodyEnd(trace: NetworkTrace, links: readonly Link[]): BodyEnd | undefined {
  const { nodes } = trace.network.graph;
  const weighted = nodes.findLastIndex((node) => hasWeights(trace, node));
  const before = links.slice(1).filter(({ position }) => position <= weighted);
  for (const [i, link] of [...before.entries()].reverse()) {
    const next = before[i + 1];
    const form = next && pooledForm(trace, link, next);
    if (form) return { link, form };
  }
  const link = before.findLast(({ shape }) => shape.length === 3 || shape.length === 4) ?? before.at(-1);
  return link && !trace.failure ? { link, form: formOf(link) } : undefined;
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

/** The form of `from` if `to` is its mean or maximum over all positions; undefined otherwise. */
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
  return rank === 3 ? (channels === 2 ? "tokens" : "tokens-last") : undefined;
}

function formOf({ shape }: Link): NetworkForm {
  if (shape.length === 4) return "map";
  if (shape.length === 3) return "tokens";
  if (shape.length === 2) return "vector";
  throw expected("a map, a sequence of tokens or a vector for each image", "the value to cut at", `[${shape}]`, "Cut at another value.");
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

function halfWay({ network }: NetworkTrace, links: readonly Link[]): Link {
  const { nodes } = network.graph;
  const end = links.at(-1) as Link;
  const sizes = nodes.slice(0, end.position).map(({ inputs }) => {
    const specs = inputs.map((name) => network.parameters.get(name)).filter((spec) => spec !== undefined);
    return specs.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  });
  const upTo = (position: number): number => sizes.slice(0, position).reduce((a, b) => a + b, 0);
  const inner = links.slice(1, -1);
  const distance = (link: Link): number => Math.abs(upTo(link.position) - upTo(end.position) / 2);
  return inner.toSorted((a, b) => distance(a) - distance(b))[0] ?? end;
}
