// Position embeddings of a transformer for images of any size: the learnt grid, resampled like PyTorch's bicubic interpolation with
// antialias.

import { float32 } from "../core/tensor.ts";
import type { Value } from "../graph/types.ts";
import type { Scope } from "./scope.ts";

/**
 * Resamples a grid of embeddings [1, from · from, width], row by row, to [1, rows · columns, width]. It is two products with constant
 * matrices, so it can be trained through.
 */
export function resampleGrid(scope: Scope, grid: Value, from: number, [rows, columns]: readonly [number, number]): Value {
  if (rows === from && columns === from) return grid;
  const { graph } = scope;
  const width = grid.shape[2] as number;
  const matrix = (to: number): Value => graph.constant(float32(cubicWeights(from, to), [to, from]));
  // [rows, from] · [from, from · width], then for each row [columns, from] · [from, width].
  const tall = graph.add("MatMul", [matrix(rows), graph.add("Reshape", [grid, graph.ints([from, from * width])])]);
  const wide = graph.add("MatMul", [matrix(columns), graph.add("Reshape", [tall, graph.ints([rows, from, width])])]);
  return graph.add("Reshape", [wide, graph.ints([1, rows * columns, width])]);
}

/** The matrix [to, from] that resamples `from` points to `to` points: Keys's cubic (1981) with a = −1/2, widened when shrinking. */
export function cubicWeights(from: number, to: number): number[] {
  const scale = from / to;
  const widening = Math.max(scale, 1);
  const support = 2 * widening;
  return Array.from({ length: to }, (_, i) => {
    const centre = scale * (i + 0.5);
    const [start, end] = [Math.max(0, Math.floor(centre - support + 0.5)), Math.min(from, Math.floor(centre + support + 0.5))];
    const weights = Array.from({ length: from }, (_, k) => (k >= start && k < end ? cubic((k + 0.5 - centre) / widening) : 0));
    const total = weights.reduce((a, b) => a + b, 0);
    return weights.map((weight) => weight / total);
  }).flat();
}

function cubic(distance: number): number {
  const x = Math.abs(distance);
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}
