// Chooses the operators to compute in 8 bit: those with an integer form whose inputs and output have known ranges.

import type { Tensor } from "../../core/tensor.ts";
import type { Graph, Node } from "../types.ts";
import type { ValueRange } from "./integers.ts";

/** An operator that is computed in 8 bit. */
export interface QuantizationStep {
  /** The value it computes: its own output, or that of the activation after it, which clipping to a range replaces at no cost. */
  readonly output: string;
  /** The limits of the absorbed activation; undefined without one. */
  readonly limits: ValueRange;
}

export interface Plan {
  readonly steps: ReadonlyMap<Node, QuantizationStep>;
  /** Activations that are part of the operator before them. */
  readonly absorbed: ReadonlySet<Node>;
}

const NO_LIMITS: ValueRange = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];

/** The plan for `graph` if the values for which `known` is true have ranges. */
export function planQuantization(graph: Graph, known: (value: string) => boolean): Plan {
  const consumers = consumersOf(graph);
  const steps = new Map<Node, QuantizationStep>();
  const absorbed = new Set<Node>();
  const integer = new Set<string>();
  for (const node of graph.nodes) {
    if (absorbed.has(node) || !hasIntegerForm(graph, node, integer, known)) continue;
    const activation = node.op === "MaxPool" ? undefined : activationAfter(graph, node, consumers);
    const step = activation ?? { output: node.outputs[0] as string, limits: NO_LIMITS };
    // The maximum keeps its input's scale, so it needs no range.
    if (node.op !== "MaxPool" && !known(step.output)) continue;
    steps.set(node, { output: step.output, limits: step.limits });
    integer.add(step.output);
    if (activation) absorbed.add(activation.node);
  }
  return { steps, absorbed };
}

/** Convolutions use 8 bit whenever possible, because it is faster; operators that only move or add do if all inputs already are 8 bit. */
function hasIntegerForm(graph: Graph, node: Node, integer: ReadonlySet<string>, known: (value: string) => boolean): boolean {
  const [x, ...rest] = node.inputs as [string, ...string[]];
  const type = graph.types.get(x);
  if (node.domain !== "" || type?.type !== "float32") return false;
  switch (node.op) {
    case "Conv":
      return (
        type.shape.length === 4 && (integer.has(x) || known(x)) && rest.every((name) => name === "" || isFloat(graph.constants.get(name)))
      );
    case "Add":
      return integer.has(x) && rest.every((name) => integer.has(name) && graph.types.get(name)?.shape.join() === type.shape.join());
    case "Concat":
      return node.inputs.every((name) => integer.has(name));
    case "MaxPool":
      return integer.has(x) && node.outputs.length === 1;
    default:
      return false;
  }
}

function isFloat(value: Tensor | undefined): boolean {
  return value?.type === "float32";
}

/** The ReLU or Clip that is the only consumer of the node's output, if its range includes 0. */
function activationAfter(
  graph: Graph,
  node: Node,
  consumers: ReadonlyMap<string, readonly (Node | undefined)[]>,
): (QuantizationStep & { readonly node: Node }) | undefined {
  const [next, ...others] = consumers.get(node.outputs[0] as string) ?? [];
  if (!next || others.length > 0 || next.inputs[0] !== node.outputs[0]) return undefined;
  const output = next.outputs[0] as string;
  if (next.op === "Relu") return { node: next, output, limits: [0, Number.POSITIVE_INFINITY] };
  if (next.op !== "Clip") return undefined;
  const limits = next.inputs.slice(1).map((name) => Number(graph.constants.get(name)?.data[0]));
  const [low = Number.NaN, high = Number.NaN] = limits;
  return low <= 0 && high >= 0 ? { node: next, output, limits: [low, high] } : undefined;
}

/** The consumers of each value; undefined stands for the graph's own outputs. */
function consumersOf(graph: Graph): ReadonlyMap<string, readonly (Node | undefined)[]> {
  const consumers = new Map<string, (Node | undefined)[]>();
  const add = (name: string, node: Node | undefined): unknown => consumers.set(name, [...(consumers.get(name) ?? []), node]);
  for (const node of graph.nodes) for (const name of node.inputs) add(name, node);
  for (const output of graph.outputs) add(output.name, undefined);
  return consumers;
}
