// Shape inference: from a node and the types of its inputs to the types of its outputs, by a table of rules.

import type { Tensor } from "../core/tensor.ts";
import { activationRules } from "./infer/activation.ts";
import { convolutionRules } from "./infer/convolution.ts";
import { elementwiseRules } from "./infer/elementwise.ts";
import { matmulRules } from "./infer/matmul.ts";
import { normalizationRules } from "./infer/normalization.ts";
import { quantizationRules } from "./infer/quantization.ts";
import { reduceRules } from "./infer/reduce.ts";
import type { InferenceContext, InferenceRule } from "./infer/rule.ts";
import { shapeRules } from "./infer/shape.ts";
import type { Graph, Node, Value, ValueType } from "./types.ts";

const RULES: Readonly<Record<string, InferenceRule>> = {
  ...activationRules,
  ...convolutionRules,
  ...elementwiseRules,
  ...matmulRules,
  ...normalizationRules,
  ...quantizationRules,
  ...reduceRules,
  ...shapeRules,
};

/** Whether thaw can infer the output types of `op`. */
export function canInfer(op: string): boolean {
  return Object.hasOwn(RULES, op);
}

/**
 * The types of a node's outputs. `constantOf` returns the tensors of constant inputs (axes, shapes, pads); `origin`, the graph that the
 * node was read from, provides the types of operators that are not in the table. Otherwise throws an error that names the operator and
 * node.
 */
export function inferTypes(
  node: Node,
  inputs: readonly (Value | undefined)[],
  constantOf: (value: Value) => Tensor | undefined,
  origin?: Pick<Graph, "types">,
): readonly ValueType[] {
  const rule = Object.hasOwn(RULES, node.op) ? RULES[node.op] : undefined;
  if (!rule) {
    const known = node.outputs.map((name) => origin?.types.get(name));
    if (known.every((type) => type !== undefined)) return known;
    throw new Error(`Cannot infer the shape of operator ${node.op} (node "${node.name}")`);
  }
  const context: InferenceContext = {
    node,
    inputs,
    input(i) {
      const value = inputs[i];
      if (!value) throw new Error(`Operator ${node.op} (node "${node.name}") lacks its input ${i}`);
      return value;
    },
    constant(i) {
      const value = inputs[i];
      return value && constantOf(value);
    },
    fail(message) {
      const shapes = inputs.map((value) => (value ? `${value.name} ${value.type}[${value.shape}]` : "(left out)")).join(", ");
      throw new Error(`Operator ${node.op} (node "${node.name}") ${message}; its inputs are ${shapes}`);
    },
  };
  return rule(context);
}
