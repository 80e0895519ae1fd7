// Symmetric matrices by graphs: the product of a matrix with itself, and the inverse of a positive definite one.

import { float32, type Tensor, zeros } from "../core/tensor.ts";
import { GraphBuilder } from "../graph/builder.ts";
import { product } from "../graph/product.ts";
import type { SessionOptions } from "../runtime/engine.ts";
import { openSession } from "../runtime/session.ts";

/** Rows per product. */
const BLOCK = 1024;

/**
 * XᵀX [width, width] of `values` [rows, width], or with `byRows` XXᵀ [rows, rows]. `report` is called with the number of rows that are done;
 * what it throws ends the work.
 */
export async function productWithItself(
  values: Float32Array,
  width: number,
  byRows: boolean,
  session: SessionOptions,
  report: (done: number) => void,
): Promise<Float32Array> {
  const rows = values.length / width;
  const size = byRows ? rows : width;
  const graph = new GraphBuilder();
  const block = graph.input("block", "float32", ["rows", width]);
  const other = byRows ? graph.constant({ type: "float32", shape: [rows, width], data: values }, "all") : block;
  const compiled = await openSession(graph.build({ product: product(graph, block, other, byRows ? { transB: true } : { transA: true }) }), {
    ...session,
    name: "products",
  });
  const result = new Float32Array(size * size);
  try {
    for (let start = 0; start < rows; start += BLOCK) {
      const end = Math.min(rows, start + BLOCK);
      const feed: Tensor = { type: "float32", shape: [end - start, width], data: values.slice(start * width, end * width) };
      const part = (await compiled.run({ block: feed })).product?.data as Float32Array;
      if (byRows) result.set(part, start * rows);
      else for (let i = 0; i < part.length; i++) result[i]! += part[i]!;
      report(end);
    }
  } finally {
    await compiled.release();
  }
  return result;
}

/**
 * (A + penalty)⁻¹ of the positive semidefinite `matrix` A [size, size], penalty > 0, by Newton's iteration V ← 2V − V·A·V (Schulz 1933):
 * its error squares in each step. `report` is called with the share that is done, in [0, 1]; what it throws ends the work.
 */
export async function inverse(
  matrix: Float32Array,
  size: number,
  penalty: number,
  session: SessionOptions,
  report: (share: number) => void,
): Promise<Float32Array> {
  const shape = [size, size];
  const data = matrix.slice();
  for (let i = 0; i < size; i++) data[i * size + i]! += penalty;
  let square = 0;
  for (const value of data) square += value * value;
  // No eigenvalue is above the norm or below the penalty, so the first error is at most 1 − penalty / norm.
  const norm = Math.sqrt(square);
  const steps = Math.ceil(Math.log2((DIGITS * norm) / penalty));
  const graph = new GraphBuilder();
  const [a, estimate] = [graph.constant({ type: "float32", shape, data }, "matrix"), graph.input("estimate", "float32", shape)];
  const twice = graph.add("Mul", [estimate, graph.constant(float32(2))]);
  const next = graph.add("Sub", [twice, graph.add("MatMul", [estimate, graph.add("MatMul", [a, estimate])])]);
  const compiled = await openSession(graph.build({ next }), { ...session, name: "inverse" });
  let current: Tensor = zeros("float32", shape);
  for (let i = 0; i < size; i++) current.data[i * size + i] = 1 / norm;
  try {
    for (let step = 1; step <= steps; step++) {
      current = (await compiled.run({ estimate: current })).next as Tensor;
      report(step / steps);
    }
  } finally {
    await compiled.release();
  }
  return current.data as Float32Array;
}

/** (1 − penalty / norm)^(2^steps) ≤ e^−DIGITS: the rounding of float32. */
const DIGITS = 17;
