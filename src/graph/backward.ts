// Reverse-mode differentiation of a graph: walks the nodes backwards from the loss; each operator's rule adds its gradient as more
// operators.

import type { GraphBuilder } from "./builder.ts";
import { GraphBuilder as Builder } from "./builder.ts";
import type { GradientContext } from "./gradients/rule.ts";
import { ruleOf } from "./gradients/table.ts";
import type { Graph, Node, Value } from "./types.ts";

/**
 * A graph with the outputs of `graph` and, for each name in `wrt`, an output "<name>.gradient" of that value's shape: d(loss)/d(name).
 * `loss` names a scalar. Values that the loss does not depend on get zeros.
 * `lower` makes it runnable in ONNX Runtime. Throws for an operator without a rule, naming it and its node.
 */
export function backward(graph: Graph, loss: string, wrt: readonly string[]): Graph {
  const builder = Builder.from(graph);
  const gradients = differentiate(
    builder,
    builder.value(loss),
    wrt.map((name) => builder.value(name)),
  );
  const outputs = Object.fromEntries(graph.outputs.map((output) => [output.name, builder.value(output.name)]));
  return builder.build({ ...outputs, ...Object.fromEntries(wrt.map((name, i) => [`${name}.gradient`, gradients[i] as Value])) });
}

/** Adds the gradient of the scalar `loss` to the graph and returns d(loss)/d(value) for each of `wrt`, in order. */
export function differentiate(builder: GraphBuilder, loss: Value, wrt: readonly Value[]): readonly Value[] {
  if (loss.shape.some((dimension) => dimension !== 1))
    throw new Error(`The loss ${loss.name} must be a scalar, but its shape is [${loss.shape}]`);
  const forward = [...builder.nodes];
  const needed = dependents(forward, wrt);
  const parts = new Map<string, Value[]>([[loss.name, [builder.add("Expand", [builder.scalar(1), builder.ints(loss.shape as number[])])]]]);
  const total = (name: string): Value | undefined => {
    const values = parts.get(name);
    if (!values || values.length === 0) return undefined;
    const sum = values.reduce((a, b) => builder.add("Add", [a, b]));
    parts.set(name, [sum]);
    return sum;
  };
  for (const node of forward.toReversed()) {
    if (!node.inputs.some((name) => needed.has(name))) continue;
    const gradients = node.outputs.map((name) => (name === "" ? undefined : total(name)));
    if (gradients.every((gradient) => gradient === undefined)) continue;
    const results = ruleOf(node)(contextOf(builder, node, gradients, needed));
    for (const [i, result] of results.entries()) {
      const name = node.inputs[i];
      if (result && name !== undefined && needed.has(name)) append(parts, name, checked(node, builder.value(name), result));
    }
  }
  return wrt.map((value) => total(value.name) ?? builder.add("Expand", [builder.scalar(0), builder.ints(value.shape as number[])]));
}

/** The names of all values that depend on one of `wrt`, inclusive. */
function dependents(nodes: readonly Node[], wrt: readonly Value[]): ReadonlySet<string> {
  const result = new Set(wrt.map((value) => value.name));
  for (const node of nodes) {
    if (node.inputs.some((name) => result.has(name))) for (const name of node.outputs) result.add(name);
  }
  return result;
}

function contextOf(
  graph: GraphBuilder,
  node: Node,
  gradients: readonly (Value | undefined)[],
  needed: ReadonlySet<string>,
): GradientContext {
  const valueOf = (name: string): Value | undefined => (name === "" ? undefined : graph.value(name));
  const fail = (message: string): never => {
    throw new Error(`The gradient of operator ${node.op} (node "${node.name}") ${message}`);
  };
  const inputs = node.inputs.map(valueOf);
  return {
    graph,
    node,
    inputs,
    outputs: node.outputs.map(valueOf),
    gradients,
    needs: (i) => needed.has(node.inputs[i] ?? ""),
    input: (i) => inputs[i] ?? fail(`needs input ${i}`),
    get gradient() {
      return gradients[0] ?? fail("needs the gradient of its first output");
    },
    fail,
  };
}

function append(parts: Map<string, Value[]>, name: string, value: Value): void {
  const values = parts.get(name);
  if (values) values.push(value);
  else parts.set(name, [value]);
}

function checked(node: Node, input: Value, gradient: Value): Value {
  if (input.shape.join() !== gradient.shape.join()) {
    throw new Error(
      `The gradient rule of ${node.op} (node "${node.name}") returned [${gradient.shape}] for ${input.name} [${input.shape}]`,
    );
  }
  return gradient;
}
