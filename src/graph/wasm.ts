// Rewrites operators for ONNX Runtime's WebAssembly.

import { ONNX_TYPES } from "./element-types.ts";
import { rewrite } from "./rewrite.ts";
import { type Graph, intAttribute, type Node } from "./types.ts";

/**
 * The same graph in operators that a browser compiles quickly. ONNX Runtime's function for Cast holds the conversions between all types, half a
 * megabyte of code that takes seconds to optimise. DequantizeLinear at a scale of 1 gives the same values.
 */
export function forWasm(graph: Graph): Graph {
  return rewrite(
    graph,
    (node) => makesFloats(node, graph),
    (builder, _, [bytes]) => [builder.add("DequantizeLinear", [bytes, builder.scalar(1)])],
  );
}

function makesFloats(node: Node, { types }: Graph): boolean {
  return node.op === "Cast" && intAttribute(node, "to", 0) === ONNX_TYPES.float32 && types.get(node.inputs[0] as string)?.type === "uint8";
}
