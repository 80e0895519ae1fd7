// One pass over an exported graph with a symbol for the number of images: finds every value's shape or known numbers, and frees the batch
// size if the file fixed it at one.

import { UsageError } from "../../core/errors.ts";
import { int64, type Tensor } from "../../core/tensor.ts";
import { GraphBuilder } from "../../graph/builder.ts";
import { factorsOf, productOf } from "../../graph/infer/rule.ts";
import { canInfer } from "../../graph/infer.ts";
import type { Dimension, Node, Shape, Value } from "../../graph/types.ts";
import type { Scope } from "../scope.ts";
import { BATCH, isKnown, type OnnxNetwork } from "./copier.ts";
import { Copy } from "./copy.ts";
import type { Known } from "./known.ts";
import { Positions } from "./positions.ts";

/** The most elements of a value for one image: more than any network needs, so a larger value is a mistake or an attack. */
const MOST_PER_IMAGE = 2 ** 28;

export interface NetworkTrace {
  /** The network, with a batch of any size. */
  readonly network: OnnxNetwork;
  /** Values that depend on the images, with their shapes. */
  readonly shapes: ReadonlyMap<string, Shape>;
  /** Values that depend only on shapes. */
  readonly known: ReadonlyMap<string, Known>;
  /** The first node that could not be followed, and why; later values are not in `shapes`. */
  readonly failure: { readonly node: Node; readonly error: UsageError } | undefined;
}

/** Follows the network for any number of images, each of the size in `shape` [1, …]. */
export function traceNetwork(network: OnnxNetwork, shape: readonly number[]): NetworkTrace {
  const { graph, image } = network;
  const fixed = graph.inputs.find(({ name }) => name === image)?.shape[0] === 1;
  const builder = new GraphBuilder();
  const constants = new Map(graph.constants);
  const nodes: Node[] = [];
  const shapes = new Map<string, Shape>();
  const known = new Map<string, Known>();
  const start = builder.input("images", "float32", [BATCH, ...shape.slice(1)]);
  const copy = new Copy(tracingScope(builder), { ...network, graph: { ...graph, constants } }, image, start);
  const positions = new Positions(copy, constants);
  const dependent = new Set([image]);
  shapes.set(image, start.shape);
  let failure: NetworkTrace["failure"];
  for (const [i, given] of graph.nodes.entries()) {
    try {
      const free = fixed && given.op === "Reshape" ? withFreeBatch(copy, given, constants) : given;
      for (const node of positions.follow(free) ?? [free]) {
        copy.add(node);
        nodes.push(node);
        for (const name of node.outputs) {
          const copied = name === "" ? undefined : copy.find(name);
          if (!copied) continue;
          if (isKnown(copied)) known.set(name, copied);
          else if (node.inputs.some((input) => dependent.has(input))) {
            dependent.add(name);
            refuseImpossible(node, copied);
            shapes.set(name, copied.shape);
          }
        }
      }
    } catch (error) {
      failure = { node: given, error: error instanceof UsageError ? error : invalid(given, error) };
      nodes.push(...graph.nodes.slice(i));
      break;
    }
  }
  return { network: { ...network, graph: { ...graph, nodes, constants } }, shapes, known, failure };
}

/** A scope for description only: parameters are inputs, nothing is trained. */
export function tracingScope(graph: GraphBuilder): Scope {
  return {
    graph,
    training: false,
    batchStatistics: false,
    parameter: (name, shape) => (graph.has(name) ? graph.value(name) : graph.input(name, "float32", shape)),
    statistic: () => {},
    mask: () => {
      throw new Error("A trace has no dropout");
    },
  };
}

/** A Reshape that a file exported for one image contains with fixed numbers, with −1 for the batch. */
function withFreeBatch(copy: Copy, node: Node, constants: Map<string, Tensor>): Node {
  const target = copy.known(node, 1)?.items;
  const input = copy.find(node.inputs[0] as string);
  if (!target || !input || isKnown(input) || target.some((size) => typeof size === "string")) return node;
  if (input.shape.every((size) => typeof size === "number")) return node;
  const result = resolve(
    input.shape.map((size) => factorsOf(size).factor),
    target as readonly number[],
  );
  const place = batchPlace(factorsOf(productOf(input.shape)).before, result);
  if (place === undefined) return node;
  const name = `${node.name}.shape`;
  constants.set(name, int64(result.map((size, i) => (i === place ? -1 : size))));
  return { ...node, inputs: [node.inputs[0] as string, name] };
}

/**
 * The axis of `shape` that contains the batch if its index varies after every `before` elements: a reshape keeps the order of elements. If
 * there are several, an axis of size 1 is the batch's own; otherwise an axis that the batch leads (images · heads) is preferred to one that
 * it ends (tokens · images), and the last axis, the channels', comes last.
 */
function batchPlace(before: number, shape: readonly number[]): number | undefined {
  const places = shape.flatMap((size, i) => {
    const inside = before / product(shape.slice(0, i));
    if (!Number.isInteger(inside) || inside < 1 || size % inside !== 0) return [];
    const rank = size === 1 ? 0 : i === shape.length - 1 && i > 0 ? 3 : inside === 1 ? 1 : 2;
    return [{ i, rank }];
  });
  return places.toSorted((a, b) => a.rank - b.rank)[0]?.i;
}

function resolve(shape: readonly number[], target: readonly number[]): readonly number[] {
  const copied = target.map((size, i) => (size === 0 ? (shape[i] as number) : size));
  const rest = product(copied.filter((size) => size !== -1));
  return copied.map((size) => (size === -1 ? product(shape) / rest : size));
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((a, b) => a * b, 1);
}

function refuseImpossible({ op, name }: Node, { shape }: Value): void {
  const sizes = shape.map((size: Dimension) => factorsOf(size).factor);
  if (!sizes.every((size) => Number.isSafeInteger(size) && size >= 1) || product(sizes) > MOST_PER_IMAGE)
    throw new UsageError(`Operator ${op} (node "${name}") computes [${shape}] for an image`, "The file is damaged, or not a classifier.");
}

/** The error for a node whose inputs or attributes make no sense, with its name. */
function invalid({ op, name }: Node, error: unknown): UsageError {
  const reason = error instanceof Error ? error.message : String(error);
  const named = reason.includes(`"${name}"`) ? reason : `Operator ${op} (node "${name}") is invalid: ${reason}`;
  const hint = canInfer(op)
    ? "Export the model again for a single image (a batch of one, no dynamic axes), or with PyTorch's other exporter (dynamo)."
    : "Let onnx.shape_inference write the shapes of the operators that thaw does not know into the file.";
  return new UsageError(named, hint, { cause: error });
}
