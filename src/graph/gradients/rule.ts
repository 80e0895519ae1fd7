// What a gradient rule sees, and what rules share.

import type { GraphBuilder } from "../builder.ts";
import type { Node, Value } from "../types.ts";

export interface GradientContext {
  /** Rules add their operators here. Asking again for a node that the forward pass has costs nothing: equal nodes are made once. */
  readonly graph: GraphBuilder;
  readonly node: Node;
  readonly inputs: readonly (Value | undefined)[];
  readonly outputs: readonly (Value | undefined)[];
  /** dL/d(output i), of the output's shape; undefined where the loss does not depend on it. */
  readonly gradients: readonly (Value | undefined)[];
  /** Whether input `i` is on the way to a value whose gradient is wanted; rules need not compute the others. */
  needs(i: number): boolean;
  /** Input `i`; throws when it is left out. */
  input(i: number): Value;
  /** dL/d(output 0). */
  readonly gradient: Value;
  /** Throws an error that names the operator and the node. */
  fail(message: string): never;
}

/** dL/d(input i) for each input, undefined where none is needed or none exists. */
export type GradientRule = (context: GradientContext) => readonly (Value | undefined)[];
