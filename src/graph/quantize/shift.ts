// Another form of 8-bit convolutions: each weight is one larger, and so is the zero point. ONNX Runtime has its own kernel for weights whose
// zero point is 0; all others are multiplied as matrices, for which some processors have instructions (AMX). The results are the same, except on
// processors that add pairs of products in 16 bits, in which those of two larger weights may not fit.

import { type Tensor, zeros } from "../../core/tensor.ts";
import { rewrite } from "../rewrite.ts";
import type { Graph, Node, Value } from "../types.ts";

/** The position of the weights and of their zero points among the inputs of a QLinearConv. */
const [WEIGHTS, ZERO_POINTS] = [3, 5];
const LARGEST = 127;

/** Whether `node` has this form: it is a convolution, not depthwise, whose weights are constant, int8, have zero point 0 and do not include 127. */
export function isShiftable({ op, inputs }: Node, { constants }: Pick<Graph, "constants">): boolean {
  if (op !== "QLinearConv") return false;
  const [weights, zeroPoints] = [WEIGHTS, ZERO_POINTS].map(
    (position) => constants.get(inputs[position] as string) as Tensor<"int8"> | undefined,
  );
  const isSigned = weights?.type === "int8" && zeroPoints?.type === "int8";
  return isSigned && (weights.shape[1] as number) > 1 && zeroPoints.data.every((zero) => zero === 0) && !weights.data.includes(LARGEST);
}

/** The graph with the nodes for which `chosen` is true in the other form. They must be shiftable. */
export function shiftWeights(graph: Graph, chosen: (node: Node) => boolean): Graph {
  return rewrite(graph, chosen, (builder, { op, domain, name, attributes }, inputs) => {
    const oneMore = (value: Value): Value => {
      const { shape, data } = graph.constants.get(value.name) as Tensor<"int8">;
      const larger = zeros("int8", shape);
      for (let i = 0; i < data.length; i++) larger.data[i] = data[i]! + 1;
      return builder.constant(larger);
    };
    const shifted = inputs.map((value, i) => (i === WEIGHTS || i === ZERO_POINTS ? oneMore(value) : value));
    return [builder.add(op, shifted, attributes, { domain, name })];
  });
}
