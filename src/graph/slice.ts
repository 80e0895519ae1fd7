// Slices of a value along some of its axes.

import type { GraphBuilder } from "./builder.ts";
import type { Value } from "./types.ts";

/** Elements `start` (inclusive) to `end` (exclusive) of each named axis, every `step`th; undefined bounds are open. */
export function sliceOf(
  graph: GraphBuilder,
  value: Value,
  ranges: readonly { axis: number; start: number; end: number; step?: number }[],
): Value {
  const kept = ranges.filter(({ axis, start, end, step = 1 }) => start !== 0 || step !== 1 || end !== value.shape[axis]);
  if (kept.length === 0) return value;
  const column = (pick: (range: (typeof kept)[number]) => number): Value => graph.ints(kept.map(pick));
  return graph.add("Slice", [
    value,
    column(({ start }) => start),
    column(({ end }) => end),
    column(({ axis }) => axis),
    column(({ step = 1 }) => step),
  ]);
}
