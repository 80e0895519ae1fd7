// Gradients of batch normalisation (placeholder until written).
import type { GraphBuilder } from "../builder.ts";
import type { Node, Value } from "../types.ts";
export function lowerBatchNormalization(_graph: GraphBuilder, node: Node, _inputs: readonly Value[]): readonly Value[] {
  throw new Error(`not written: ${node.name}`);
}
