// The context for copying a node: the copy so far, and its source.

import type { SourceGraph } from "../../graph/source/read.ts";
import type { Attributes, Node, Value } from "../../graph/types.ts";
import type { ParameterSpec, Scope } from "../scope.ts";
import type { Known } from "./known.ts";

/** A network read from an ONNX file: its parameters are inputs of the graph, its batch may have any size. */
export interface OnnxNetwork {
  readonly graph: SourceGraph;
  /** Name of the input that takes the images. */
  readonly image: string;
  /** By the name of the graph's input that stands for it. */
  readonly parameters: ReadonlyMap<string, ParameterSpec>;
}

/** The symbol that stands for the number of images in what is known of a network. */
export const BATCH = "batch";

/** What a copied value is: an edge of the new graph, or numbers that are known. */
export type Copied = Value | Known;

export function isKnown(copied: Copied): copied is Known {
  return "items" in copied;
}

export interface Copier {
  readonly scope: Scope;
  /** The value that the copy starts from, [batch, …]. */
  readonly start: Value;
  /** What was copied so far of the value called `name`, or a constant or parameter of that name. */
  find(name: string): Copied | undefined;
  /** The parameter that the name stands for; undefined for other values. */
  parameter(name: string | undefined): ParameterSpec | undefined;
  /** Input `i` of `node` as an edge of the new graph; throws a UsageError if it is left out or depends on the number of images. */
  value(node: Node, i: number): Value;
  /** The numbers behind input `i` of `node`; undefined if it is left out or computed. */
  known(node: Node, i: number): Known | undefined;
  /** An operator under the name of `node`, which messages then show. */
  plain(node: Node, op: string, inputs: readonly (Value | undefined)[], attributes: Attributes): Value;
}
