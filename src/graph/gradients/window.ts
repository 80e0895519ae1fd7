// The sliding window that convolutions and pooling share, and reading an image at one place of the window.

import { intsAttribute, type Node, type Shape, stringAttribute, type Value } from "../types.ts";
import type { GradientContext } from "./rule.ts";
import { sliceOf } from "./shape.ts";

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

/**
 * `x` with zeros (or `fill`) around it, for `elementsAt`. Under a stride it comes split into phases, [batch, channels, rows, row phase,
 * column phase, columns]: one transposition, after which every place of the window is a plain slice; strided slices are ten times slower.
 */
export function padded(context: Pick<GradientContext, "graph">, x: Value, window: Window, fill = 0): Value {
  const { graph } = context;
  const { before, size, reach, strides } = window;
  const cells = both((i) => Math.ceil(reach[i] / strides[i]));
  const after = both((i) => cells[i] * strides[i] - size[i] - before[i]);
  const filled = fill === 0 ? undefined : graph.scalar(fill);
  const whole = [...before, ...after].every((count) => count === 0) ? x : graph.add("Pad", [x, graph.ints([0, 0, ...before, 0, 0, ...after]), filled]);
  if (strides.every((stride) => stride === 1)) return whole;
  const parts = graph.add("Reshape", [whole, graph.ints([0, 0, cells[0], strides[0], cells[1], strides[1]])]);
  return graph.add("Transpose", [parts], { perm: [0, 1, 2, 3, 5, 4] });
}

/** What the window's element [row, column] sees at each place: [batch, channels, ...output], from what `padded` returns. */
export function elementsAt({ graph }: Pick<GradientContext, "graph">, image: Value, window: Window, place: Pair): Value {
  const { strides, dilations, output } = window;
  const at = both((i) => place[i] * dilations[i]);
  const starts = both((i) => Math.floor(at[i] / strides[i]));
  const along = (axis: number, i: 0 | 1) => ({ axis, start: starts[i], end: starts[i] + output[i] });
  if (image.shape.length === 4) return sliceOf(graph, image, [along(2, 0), along(3, 1)]);
  const phases = both((i) => ({ axis: 3 + i, start: at[i] % strides[i], end: (at[i] % strides[i]) + 1 }));
  return graph.add("Squeeze", [sliceOf(graph, image, [along(2, 0), ...phases, along(5, 1)]), graph.ints([3, 4])]);
}

/** The inverse of the split into phases: images [batch, channels, rows, columns] for each row phase and column phase, in this order, as one. */
export function joinPhases({ graph }: Pick<GradientContext, "graph">, phases: readonly Value[], strides: Pair): Value {
  if (phases.length === 1) return phases[0] as Value;
  const [rows, columns] = (phases[0] as Value).shape.slice(2) as [number, number];
  const parts = graph.add("Reshape", [graph.add("Concat", phases, { axis: 3 }), graph.ints([0, 0, rows, ...strides, columns])]);
  const turned = graph.add("Transpose", [parts], { perm: [0, 1, 2, 3, 5, 4] });
  return graph.add("Reshape", [turned, graph.ints([0, 0, rows * strides[0], columns * strides[1]])]);
}
