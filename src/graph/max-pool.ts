// The gradient of MaxPool as one custom operator until the engine is known: CPU kernels return the index of each maximum, the others do not
// (gradients/pooling.ts finds it by comparison).

import type { GraphBuilder } from "./builder.ts";
import { type Node, OWN_DOMAIN, staticShape, type Value } from "./types.ts";

/** dL/dx of the MaxPool `node`, from its input x [batch, channels, height, width], its output y and dL/dy, for `lower` to expand. */
export function maxPoolGradient(graph: GraphBuilder, node: Node, inputs: readonly [x: Value, y: Value, gradient: Value]): Value {
  return graph.add("MaxPoolGrad", inputs, node.attributes, { domain: OWN_DOMAIN });
}

/**
 * `gate` of x and its gradient, for a gate that depends on x alone and grows with it, as ReLU's: if `gradient` is that of a MaxPool of x, the
 * maxima and their gradients are gated instead, of which there are fewer.
 */
export function gatedGradient(graph: GraphBuilder, x: Value, gradient: Value, gate: (x: Value, gradient: Value) => Value): Value {
  const node = graph.nodes.findLast(({ outputs }) => outputs[0] === gradient.name);
  if (node?.op !== "MaxPoolGrad" || node.inputs[0] !== x.name) return gate(x, gradient);
  const [y, ofMaxima] = node.inputs.slice(1).map((name) => graph.value(name)) as [Value, Value];
  return maxPoolGradient(graph, node, [x, y, gate(y, ofMaxima)]);
}

/** The names of all values that are the maxima of a MaxPoolGrad in `nodes`. */
export function maximaOf(nodes: readonly Node[]): ReadonlySet<string> {
  return new Set(nodes.filter(({ op }) => op === "MaxPoolGrad").map(({ inputs }) => inputs[1] as string));
}

/** A MaxPool that also returns the index of each maximum, or its gradient: each dL/dy is added to the element at that index, in order. */
export function scatteredMaxima(graph: GraphBuilder, { op, attributes }: Node, inputs: readonly Value[]): readonly Value[] {
  const [x, , gradient] = inputs as [Value, Value, Value];
  const [y, places] = graph.addMany("MaxPool", [x], attributes, 2) as [Value, Value];
  if (op === "MaxPool") return [y, places];
  const shape = staticShape(x);
  const flat = (value: Value): Value => graph.add("Reshape", [value, graph.ints([-1])]);
  const zeros = graph.add("Expand", [graph.scalar(0), graph.ints([shape.reduce((a, b) => a * b, 1)])]);
  const sums = graph.add("ScatterElements", [zeros, flat(places), flat(gradient)], { axis: 0, reduction: "add" });
  return [graph.add("Reshape", [sums, graph.ints(shape)])];
}
