// The interface of gradient rules, and their context.

import type { GraphBuilder } from "../builder.ts";
import type { Node, Value } from "../types.ts";

export interface GradientContext {
  /** The graph that rules extend. Adding a node that the forward pass already has costs nothing: equal nodes are built once. */
  readonly graph: GraphBuilder;
  readonly node: Node;
  readonly inputs: readonly (Value | undefined)[];
  readonly outputs: readonly (Value | undefined)[];
  /** dL/d(output i), of the output's shape; undefined if the loss does not depend on it. */
  readonly gradients: readonly (Value | undefined)[];
  /** Whether a requested gradient depends on that of input `i`; rules need not compute the others. */
  needs(i: number): boolean;
  /** Input `i`; throws if it is omitted. */
  input(i: number): Value;
  /** dL/d(output 0). */
  readonly gradient: Value;
  /** Throws an error that names the operator and the node. */
  fail(message: string): never;
}

/** dL/d(input i) for each input, undefined if none is needed or none exists. */
export type GradientRule = (context: GradientContext) => readonly (Value | undefined)[];
