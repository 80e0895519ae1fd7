// Parts of a value along some of its axes.

import type { GraphBuilder } from "./builder.ts";
import type { Value } from "./types.ts";

/** Elements `start` (included) to `end` of each named axis, every `step`th; open ends are undefined. */
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
