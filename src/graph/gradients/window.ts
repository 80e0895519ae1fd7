// The sliding window that convolutions and pooling share, and reading an image at one place of the window.

import { intsAttribute, type Node, type Shape, stringAttribute, type Value } from "../types.ts";
import type { GradientContext } from "./rule.ts";
import { padZeros, sliceOf } from "./shape.ts";

type Pair = readonly [number, number];

/** A window over [batch, channels, height, width]: each pair is for rows and columns. */
export interface Window {
  readonly kernel: Pair;
  readonly strides: Pair;
  readonly dilations: Pair;
  readonly before: Pair;
  readonly after: Pair;
  /** Size of the image, without padding. */
  readonly size: Pair;
  /** How many places the window takes. */
  readonly output: Pair;
  /** Rows and columns that the window reads over all its places, padding included. */
  readonly reach: Pair;
}

/** The window of a Conv or pooling node from image `x` to `y`; throws where the image is not two-dimensional. */
export function windowOf(context: Pick<GradientContext, "node" | "fail">, x: Value, y: Value, kernel: Shape): Window {
  if (x.shape.length !== 4) context.fail(`is written for [batch, channels, height, width], not [${x.shape}]`);
  const pair = (values: Shape | undefined, fallback: number): Pair => [Number(values?.[0] ?? fallback), Number(values?.[1] ?? fallback)];
  const strides = pair(intsAttribute(context.node, "strides"), 1);
  const dilations = pair(intsAttribute(context.node, "dilations"), 1);
  const size = pair(x.shape.slice(2), Number.NaN);
  const output = pair(y.shape.slice(2), Number.NaN);
  const window = pair(kernel, Number.NaN);
  const reach = both((i) => (output[i] - 1) * strides[i] + dilations[i] * (window[i] - 1) + 1);
  const { before, after } = paddingOf(context.node, size, reach);
  return { kernel: window, strides, dilations, before, after, size, output, reach };
}

function paddingOf(node: Node, size: Pair, reach: Pair): { before: Pair; after: Pair } {
  const auto = stringAttribute(node, "auto_pad", "NOTSET");
  if (auto.startsWith("SAME")) {
    const total = both((i) => Math.max(0, reach[i] - size[i]));
    const less = both((i) => Math.floor(total[i] / 2));
    const more = both((i) => total[i] - less[i]);
    return auto === "SAME_UPPER" ? { before: less, after: more } : { before: more, after: less };
  }
  const pads = intsAttribute(node, "pads") ?? [0, 0, 0, 0];
  return { before: both((i) => pads[i] as number), after: both((i) => pads[i + 2] as number) };
}

export function both<T>(make: (i: 0 | 1) => T): readonly [T, T] {
  return [make(0), make(1)];
}

/** The window's places, row by row. */
export function offsetsOf({ kernel }: Window): readonly Pair[] {
  return Array.from({ length: kernel[0] * kernel[1] }, (_, i) => [Math.floor(i / kernel[1]), i % kernel[1]]);
}

/** `x` with zeros (or `fill`) around it, cut to exactly what the window reads: [batch, channels, ...reach]. */
export function padded(context: Pick<GradientContext, "graph">, x: Value, window: Window, fill = 0): Value {
  const { before, size, reach } = window;
  const after = both((i) => reach[i] - size[i] - before[i]);
  if (fill === 0) return padZeros(context.graph, x, [0, 0, ...before], [0, 0, ...after]);
  if ([...before, ...after].every((count) => count === 0)) return x;
  return context.graph.add("Pad", [x, context.graph.ints([0, 0, ...before, 0, 0, ...after]), context.graph.scalar(fill)]);
}

/** What the window's element [row, column] sees at each place: [batch, channels, ...output], from what `padded` returns. */
export function elementsAt(context: Pick<GradientContext, "graph">, image: Value, window: Window, [row, column]: Pair): Value {
  const { strides, dilations, output } = window;
  const starts = [row * dilations[0], column * dilations[1]] as const;
  const range = (i: 0 | 1) => ({ axis: i + 2, start: starts[i], end: starts[i] + (output[i] - 1) * strides[i] + 1, step: output[i] === 1 ? 1 : strides[i] });
  return sliceOf(context.graph, image, [range(0), range(1)]);
}
