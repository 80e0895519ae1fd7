// The interface of shape inference rules, and their arithmetic of dimensions.

import type { Tensor } from "../../core/tensor.ts";
import type { Dimension, Node, Shape, Value, ValueType } from "../types.ts";

export interface InferenceContext {
  readonly node: Node;
  readonly inputs: readonly (Value | undefined)[];
  /** Input `i`; throws an error that names the node if it is omitted. */
  input(i: number): Value;
  /** The tensor of input `i` if it is a constant. */
  constant(i: number): Tensor | undefined;
  /** Throws an error that names the operator, the node and its inputs. */
  fail(message: string): never;
}

/** The types of the node's outputs, in order; there may be more than the node uses. */
export type InferenceRule = (context: InferenceContext) => readonly ValueType[];

/** The constant input `i` as numbers; throws if it is computed. */
export function constantInts(context: InferenceContext, i: number, what: string): readonly number[] {
  const value = context.constant(i);
  if (!value) return context.fail(`needs constant ${what}`);
  return Array.from(value.data as ArrayLike<number | bigint>, Number);
}

/** `axis` counted from the front; negative axes count from the end. */
export function normalizeAxis(context: InferenceContext, axis: number, rank: number): number {
  const at = axis < 0 ? axis + rank : axis;
  if (at < 0 || at >= rank) context.fail(`has axis ${axis}, out of range for ${rank} dimensions`);
  return at;
}

/** The common shape of two broadcast operands, by NumPy's rule; a symbol matches itself and 1. */
export function broadcastShapes(a: Shape, b: Shape, fail: (message: string) => never): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i): Dimension => {
    const [da, db] = [a[a.length - rank + i] ?? 1, b[b.length - rank + i] ?? 1];
    if (da === db || db === 1) return da;
    if (da === 1) return db;
    return fail(`cannot broadcast [${a}] with [${b}]`);
  });
}

/** The factors of a dimension in the order of its elements: "197*batch*12" is the symbol "batch" with 197 before it and 12 after. */
export function factorsOf(dimension: Dimension): {
  readonly symbols: readonly string[];
  /** The product of all numbers. */
  readonly factor: number;
  /** The product of the numbers before the first symbol. */
  readonly before: number;
} {
  const parts = String(dimension).split("*");
  const first = parts.findIndex((part) => !isNumber(part));
  const numbers = (some: readonly string[]): number => some.filter(isNumber).reduce((product, part) => product * Number(part), 1);
  return { symbols: parts.filter((part) => !isNumber(part)), factor: numbers(parts), before: numbers(parts.slice(0, Math.max(0, first))) };
}

/** The product of adjacent dimensions: a number, or symbols and numbers, such as "197*batch". */
export function productOf(dimensions: readonly Dimension[]): Dimension {
  const parts: string[] = [];
  for (const part of dimensions.flatMap((dimension) => String(dimension).split("*"))) {
    const last = parts.at(-1);
    if (last !== undefined && isNumber(last) && isNumber(part)) parts[parts.length - 1] = String(Number(last) * Number(part));
    else parts.push(part);
  }
  const [only = "1", ...others] = parts;
  if (others.length === 0 && isNumber(only)) return Number(only);
  return parts.filter((part) => part !== "1").join("*");
}

/** `a` divided by `b`: a number, or symbols and a number; undefined if the quotient is not whole for every value of the symbols. */
export function quotientOf(a: Dimension, b: Dimension): Dimension | undefined {
  const [above, below] = [factorsOf(a), factorsOf(b)];
  const symbols = [...above.symbols];
  for (const symbol of below.symbols) {
    const at = symbols.indexOf(symbol);
    if (at < 0) return undefined;
    symbols.splice(at, 1);
  }
  const factor = above.factor / below.factor;
  return Number.isInteger(factor) ? productOf([...symbols, factor]) : undefined;
}

function isNumber(part: string): boolean {
  return /^\d+$/.test(part);
}
