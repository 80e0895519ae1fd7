// Biases of attention scores by the distance between two places of a map, learnt for each distance along both axes.

import type { Value } from "../graph/types.ts";
import { sizeAlong } from "./layers.ts";
import { resampleGrid } from "./position-embedding.ts";
import type { Scope } from "./scope.ts";

export interface BiasGrid {
  /** Side of the map for which the biases were learnt. */
  readonly side: number;
  /** The map's size now; default `side` along both axes. Biases are resampled to it. */
  readonly size?: readonly [rows: number, columns: number];
  /** Queries are every how manyth place along each axis; default 1. */
  readonly step?: number;
}

/**
 * [heads, queries, keys] from a table [heads, side · side] of biases by rows and columns of distance, row by row. The axes are looked up one
 * after the other, so that the gradient's matrices stay small.
 */
export function relativeBias(scope: Scope, table: Value, { side, size: [rows, columns] = [side, side], step = 1 }: BiasGrid): Value {
  const { graph } = scope;
  const heads = sizeAlong(table, 0);
  const lookUp = (grid: Value, axis: number, count: number): Value =>
    graph.add("Gather", [grid, graph.ints(distances(count, step))], { axis });
  const grid = graph.add("Reshape", [resampled(scope, table, side, [rows, columns]), graph.ints([heads, rows, columns])]);
  const both = lookUp(lookUp(grid, 1, rows), 2, columns);
  const [down, across] = [Math.ceil(rows / step), Math.ceil(columns / step)];
  const split = graph.add("Reshape", [both, graph.ints([heads, down, rows, across, columns])]);
  const sorted = graph.add("Transpose", [split], { perm: [0, 1, 3, 2, 4] });
  return graph.add("Reshape", [sorted, graph.ints([heads, down * across, rows * columns])]);
}

function resampled(scope: Scope, table: Value, side: number, size: readonly [number, number]): Value {
  if (size.every((length) => length === side)) return table;
  const { graph } = scope;
  const heads = sizeAlong(table, 0);
  const grid = graph.add("Reshape", [graph.add("Transpose", [table], { perm: [1, 0] }), graph.ints([1, side * side, heads])]);
  const flat = graph.add("Reshape", [resampleGrid(scope, grid, side, size), graph.ints([size[0] * size[1], heads])]);
  return graph.add("Transpose", [flat], { perm: [1, 0] });
}

/** Of every `step`th place to each of `count` places. */
function distances(count: number, step: number): readonly number[] {
  const queries = Array.from({ length: Math.ceil(count / step) }, (_, i) => i * step);
  return queries.flatMap((query) => Array.from({ length: count }, (_, key) => Math.abs(query - key)));
}
