// Rewrites operators that ONNX Runtime's WebGPU provider lacks. It would run them on the CPU, with copies from the device and back.

import type { GraphBuilder } from "./builder.ts";
import { rewrite } from "./rewrite.ts";
import { floatAttribute, type Graph, intAttribute, type Node, type Value } from "./types.ts";

type Rule = (graph: GraphBuilder, node: Node, inputs: readonly Value[]) => Value;

/** What computes each operator that is missing. */
const RULES: Readonly<Record<string, Rule>> = {
  FusedMatMul: matrixProduct,
  LogSoftmax: logSoftmax,
  Sum: (graph, _, inputs) => inputs.reduce((a, b) => graph.add("Add", [a, b])),
};

/** The same graph in operators that run on the device. */
export function forWebGpu(graph: Graph): Graph {
  return rewrite(
    graph,
    ({ op }) => Object.hasOwn(RULES, op),
    (builder, node, inputs) => [(RULES[node.op] as Rule)(builder, node, inputs)],
  );
}

/** Gemm transposes matrices as it reads them; stacks of matrices are transposed before. */
function matrixProduct(graph: GraphBuilder, node: Node, inputs: readonly Value[]): Value {
  const [a, b] = inputs as [Value, Value];
  const [transA, transB] = [intAttribute(node, "transA", 0), intAttribute(node, "transB", 0)];
  const alpha = floatAttribute(node, "alpha", 1);
  if (a.shape.length === 2 && b.shape.length === 2) return graph.add("Gemm", [a, b], { ...node.attributes, transA, transB });
  const result = graph.add("MatMul", [transA ? transposed(graph, a) : a, transB ? transposed(graph, b) : b]);
  return alpha === 1 ? result : graph.add("Mul", [result, graph.scalar(alpha)]);
}

function transposed(graph: GraphBuilder, x: Value): Value {
  const axes = x.shape.map((_, axis) => axis);
  return graph.add("Transpose", [x], { perm: [...axes.slice(0, -2), axes.at(-1) as number, axes.at(-2) as number] });
}

/** x − max(x) − log Σ exp(x − max(x)). */
function logSoftmax(graph: GraphBuilder, node: Node, inputs: readonly Value[]): Value {
  const x = inputs[0] as Value;
  const axes = graph.ints([intAttribute(node, "axis", -1)]);
  const shifted = graph.add("Sub", [x, graph.add("ReduceMax", [x, axes], { keepdims: 1 })]);
  const sum = graph.add("ReduceSum", [graph.add("Exp", [shifted]), axes], { keepdims: 1 });
  return graph.add("Sub", [shifted, graph.add("Log", [sum])]);
}
