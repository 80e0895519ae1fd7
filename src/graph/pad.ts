// Zeros around a value.

import type { GraphBuilder } from "./builder.ts";
import type { Value } from "./types.ts";

/** `value` with zeros around it: `before[i]` and `after[i]` along axis i; negative counts crop instead. */
export function padZeros(graph: GraphBuilder, value: Value, before: readonly number[], after: readonly number[]): Value {
  if ([...before, ...after].every((count) => count === 0)) return value;
  return graph.add("Pad", [value, graph.ints([...before, ...after])]);
}
