// Finds the preprocessing inside an exported network: the arithmetic on its images before its first layer, which says in which range it
// takes their colours.

import type { Tensor } from "../../core/tensor.ts";
import type { SourceGraph } from "../../graph/source/read.ts";
import { floatAttribute, type Node } from "../../graph/types.ts";

/** Colours that a network takes as they are: the largest is 1 or 255. `nodes` is the arithmetic, in words. */
export interface OwnNormalization {
  readonly largest: 1 | 255;
  readonly operators: readonly string[];
}

/** A colour x becomes a · x + b, per channel, or the same for all. */
interface Affine {
  readonly a: readonly number[];
  readonly b: readonly number[];
}

/** Operators that move or convert colours without changing their range. */
const MOVING: ReadonlySet<string> = new Set(["Cast", "Identity", "Transpose", "Gather", "Slice", "Resize"]);

/**
 * What the network does to its images before its first layer, if that is a normalisation: a centre of the colours that is that of
 * photographs, or a factor that scales them from 255. Undefined if there is none: then the images must be normalised outside.
 */
export function ownNormalization(graph: SourceGraph, image: string): OwnNormalization | undefined {
  let value = image;
  let affine: Affine = { a: [1], b: [0] };
  const operators: string[] = [];
  for (;;) {
    const users = graph.nodes.filter(({ op, inputs }) => op !== "Shape" && inputs.includes(value));
    const [node] = users;
    if (!node || users.length > 1 || node.inputs[0] !== value) break;
    const next = MOVING.has(node.op) ? affine : after(affine, node, graph.constants);
    if (!next) break;
    if (next !== affine) operators.push(node.op);
    affine = next;
    value = node.outputs[0] as string;
  }
  const largest = operators.length > 0 ? largestOf(affine) : undefined;
  return largest && { largest, operators };
}

/** The largest colour for which the arithmetic makes sense; undefined if it tells nothing, as for a trained scale. */
function largestOf({ a, b }: Affine): 1 | 255 | undefined {
  const length = Math.max(a.length, b.length);
  const [factors, shifts] = [a, b].map((values) => Array.from({ length }, (_, i) => values[i % values.length] as number)) as [
    number[],
    number[],
  ];
  const centres = factors.map((factor, i) => -(shifts[i] as number) / factor);
  if (!factors.every((factor) => factor > 0) || !centres.every(Number.isFinite)) return undefined;
  if (factors.every((factor) => factor < 0.1) || centres.every((centre) => centre > 50 && centre < 200)) return 255;
  return centres.every((centre) => centre > 0.2 && centre < 0.8) ? 1 : undefined;
}

/** The arithmetic so far and that of `node`, if it is one number per channel; else undefined. */
function after({ a, b }: Affine, node: Node, constants: ReadonlyMap<string, Tensor>): Affine | undefined {
  const numbers = (i: number): readonly number[] | undefined => {
    const constant = constants.get(node.inputs[i] ?? "");
    return constant?.type === "float32" && (constant.data.length === 1 || constant.data.length === 3)
      ? Array.from(constant.data as Float32Array)
      : undefined;
  };
  const by = numbers(1);
  const each = (values: readonly number[], others: readonly number[], of: (x: number, y: number) => number): readonly number[] =>
    Array.from({ length: Math.max(values.length, others.length) }, (_, i) =>
      of(values[i % values.length] as number, others[i % others.length] as number),
    );
  if (!by) return undefined;
  switch (node.op) {
    case "Add":
      return { a, b: each(b, by, (x, y) => x + y) };
    case "Sub":
      return { a, b: each(b, by, (x, y) => x - y) };
    case "Mul":
      return { a: each(a, by, (x, y) => x * y), b: each(b, by, (x, y) => x * y) };
    case "Div":
      return { a: each(a, by, (x, y) => x / y), b: each(b, by, (x, y) => x / y) };
    case "BatchNormalization": {
      const [shift, mean, variance] = [numbers(2), numbers(3), numbers(4)];
      if (!shift || !mean || !variance) return undefined;
      const epsilon = floatAttribute(node, "epsilon", 1e-5);
      const factor = each(by, variance, (scale, square) => scale / Math.sqrt(square + epsilon));
      return {
        a: each(a, factor, (x, y) => x * y),
        b: each(
          each(
            each(b, mean, (x, y) => x - y),
            factor,
            (x, y) => x * y,
          ),
          shift,
          (x, y) => x + y,
        ),
      };
    }
  }
  return undefined;
}
