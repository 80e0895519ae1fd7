// The context for copying a node: the copy so far, and its source.

import type { SourceGraph } from "../../graph/source/read.ts";
import type { Attributes, Node, Value } from "../../graph/types.ts";
import type { ParameterSpec, Scope } from "../scope.ts";
import type { Known } from "./known.ts";

/** A network read from an ONNX file: its parameters are inputs of the graph, its batch can have any size. */
export interface OnnxNetwork {
  readonly graph: SourceGraph;
  /** Name of the input that takes the images. */
  readonly image: string;
  /** By the name of the parameter's input of the graph. */
  readonly parameters: ReadonlyMap<string, ParameterSpec>;
}

/** The symbol for the number of images. */
export const BATCH = "batch";

/** A copied value: an edge of the new graph, or known numbers. */
export type Copied = Value | Known;

export function isKnown(copied: Copied): copied is Known {
  return "items" in copied;
}

export interface Copier {
  readonly scope: Scope;
  /** The value that the copy starts from, [batch, …]. */
  readonly start: Value;
  /** The copy of the value called `name`, if it has been copied, or a constant or parameter of that name. */
  find(name: string): Copied | undefined;
  /** The parameter called `name`; undefined for other values. */
  parameter(name: string | undefined): ParameterSpec | undefined;
  /** Input `i` of `node` as an edge of the new graph; throws a UsageError if it is omitted or depends on the number of images. */
  value(node: Node, i: number): Value;
  /** The numbers of input `i` of `node`; undefined if it is omitted or computed. */
  known(node: Node, i: number): Known | undefined;
  /** Adds an operator under the name of `node`, for messages. */
  plain(node: Node, op: string, inputs: readonly (Value | undefined)[], attributes: Attributes): Value;
}
