// Matrix products with transposed operands by ONNX Runtime's FusedMatMul, which avoids transposed copies.

import type { GraphBuilder } from "./builder.ts";
import { float, type Value } from "./types.ts";

export interface ProductOptions {
  transA?: boolean;
  transB?: boolean;
  alpha?: number;
}

/** alpha · op(a) · op(b) over the last two axes, with op transposing if requested; leading axes are broadcast. */
export function product(graph: GraphBuilder, a: Value, b: Value, { transA = false, transB = false, alpha = 1 }: ProductOptions): Value {
  if (!transA && !transB && alpha === 1) return graph.add("MatMul", [a, b]);
  const attributes = { transA: Number(transA), transB: Number(transB), alpha: float(alpha) };
  return graph.add("FusedMatMul", [a, b], attributes, { domain: "com.microsoft" });
}
