// The sliding window of convolutions and pooling, and reading an image at one position of the window.

import { padZeros } from "../pad.ts";
import { sliceOf } from "../slice.ts";
import { intsAttribute, type Node, type Shape, stringAttribute, type Value } from "../types.ts";
import type { GradientContext } from "./rule.ts";

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
  /** Size of the output: the number of windows. */
  readonly output: Pair;
  /** Rows and columns that all windows together read, padding included. */
  readonly reach: Pair;
  /** Whether elements of the window are read as runs of memory (see `padded`) or as exact slices; with a stride always as runs. */
  readonly runs: boolean;
}

/** The window of a Conv or pooling node, or of its gradient, from image `x` to `y`; throws if the image is not two-dimensional. */
export function windowOf(node: Node, x: Value, y: Value, kernel: Shape = intsAttribute(node, "kernel_shape") ?? []): Window {
  if (x.shape.length !== 4)
    throw new Error(
      `The gradient of operator ${node.op} (node "${node.name}") is written for [batch, channels, height, width], not [${x.shape}]`,
    );
  const pair = (values: Shape | undefined, fallback: number): Pair => [Number(values?.[0] ?? fallback), Number(values?.[1] ?? fallback)];
  const strides = pair(intsAttribute(node, "strides"), 1);
  const dilations = pair(intsAttribute(node, "dilations"), 1);
  const size = pair(x.shape.slice(2), Number.NaN);
  const output = pair(y.shape.slice(2), Number.NaN);
  const window = pair(kernel, Number.NaN);
  const reach = both((i) => (output[i] - 1) * strides[i] + dilations[i] * (window[i] - 1) + 1);
  const { before, after } = paddingOf(node, size, reach);
  return { kernel: window, strides, dilations, before, after, size, output, reach, runs: strides.some((stride) => stride > 1) };
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

/** The positions [row, column] in the window, row by row. */
export function offsetsOf({ kernel }: Window): readonly Pair[] {
  return Array.from({ length: kernel[0] * kernel[1] }, (_, i) => [Math.floor(i / kernel[1]), i % kernel[1]]);
}

/** Rows and columns of a phase: every stride-th row and column of the image, and one more row that `elementsAt` may run into. */
export function cellsOf({ reach, strides }: Window): Pair {
  return [Math.ceil(reach[0] / strides[0]) + 1, Math.ceil(reach[1] / strides[1])];
}

/**
 * `x` with zeros (or `fill`) around it, for `elementsAt`. For runs it is split into phases [batch, channels, phases, rows · columns], which
 * with a stride costs two transpositions of blocks; then every position of the window is one run of memory. Exact slices copy row by row,
 * or with a stride element by element: three to ten times slower.
 */
export function padded({ graph }: Pick<GradientContext, "graph">, x: Value, window: Window, fill = 0): Value {
  const { before, size, reach, strides, runs } = window;
  const cells = cellsOf(window);
  const after = both((i) => (runs ? cells[i] * strides[i] : reach[i]) - size[i] - before[i]);
  const filled = fill === 0 ? undefined : graph.scalar(fill);
  const whole = [...before, ...after].every((count) => count === 0)
    ? x
    : graph.add("Pad", [x, graph.ints([0, 0, ...before, 0, 0, ...after]), filled]);
  if (!runs) return whole;
  const split = graph.ints([0, 0, strides[0] * strides[1], cells[0] * cells[1]]);
  if (strides[0] * strides[1] === 1) return graph.add("Reshape", [whole, split]);
  const rows = columnsByPhase(graph, whole, cells, strides, fill === 0);
  const blocks = graph.add("Reshape", [rows, graph.ints([0, 0, cells[0], strides[0] * strides[1], cells[1]])]);
  const phases = graph.add("Transpose", [blocks], { perm: [0, 1, 3, 2, 4] });
  return graph.add("Reshape", [phases, split]);
}

/** With more columns than this, moving them one by one is no slower than a product. */
const WIDEST_PRODUCT = 160;

/**
 * The columns of `image` ordered by phase. Transposing single elements is slow; a product with a permutation matrix is many times faster if
 * there are few columns, but it is used only if `rounding` is allowed, because engines may round the factors of a product.
 */
function columnsByPhase(graph: GradientContext["graph"], image: Value, cells: Pair, strides: Pair, rounding: boolean): Value {
  const [count, stride] = [cells[1], strides[1]];
  const width = count * stride;
  if (rounding && stride > 1 && width <= WIDEST_PRODUCT) {
    const data = new Float32Array(width * width);
    for (let column = 0; column < width; column++) data[column * width + (column % stride) * count + Math.floor(column / stride)] = 1;
    return graph.add("MatMul", [image, graph.constant({ type: "float32", shape: [width, width], data })]);
  }
  const columns = graph.add("Reshape", [image, graph.ints([0, 0, cells[0] * strides[0], count, stride])]);
  return graph.add("Transpose", [columns], { perm: [0, 1, 2, 4, 3] });
}

/** The elements of `image`, as `padded` returns it, at `place` [row, column] of every window, in the form that `phaseWide` describes. */
export function elementsAt({ graph }: Pick<GradientContext, "graph">, image: Value, window: Window, place: Pair): Value {
  const { dilations, output, runs } = window;
  if (!runs) {
    const along = (i: 0 | 1) => ({ axis: 2 + i, start: place[i] * dilations[i], end: place[i] * dilations[i] + output[i] });
    return sliceOf(graph, image, [along(0), along(1)]);
  }
  const { phase, start } = phaseOf(window, place);
  const width = cellsOf(window)[1];
  const run = sliceOf(graph, image, [
    { axis: 2, start: phase, end: phase + 1 },
    { axis: 3, start, end: start + output[0] * width },
  ]);
  return graph.add("Reshape", [run, graph.ints([0, 0, output[0], width])]);
}

/** The phase of the window's element [row, column], and the offset of the first window in it. */
export function phaseOf(window: Window, place: Pair): { phase: number; start: number } {
  const { strides, dilations } = window;
  const at = both((i) => place[i] * dilations[i]);
  const shift = both((i) => Math.floor(at[i] / strides[i]));
  return { phase: (at[0] % strides[0]) * strides[1] + (at[1] % strides[1]), start: shift[0] * cellsOf(window)[1] + shift[1] };
}

/**
 * `value` [batch, channels, ...output] in the form that `elementsAt` returns: [batch, channels, rows, width], in which the rows of a run
 * extend to the width of a phase. The extension of `value` is zeros, which cancel the surplus elements that `elementsAt` returns there.
 */
export function phaseWide({ graph }: Pick<GradientContext, "graph">, value: Value, window: Window): Value {
  return window.runs ? padZeros(graph, value, [0, 0, 0, 0], [0, 0, 0, cellsOf(window)[1] - window.output[1]]) : value;
}

/** The inverse of the split: joins the phases, each [batch, channels, rows · columns], to one image that includes the padding. */
export function joinPhases({ graph }: Pick<GradientContext, "graph">, phases: readonly Value[], window: Window): Value {
  const { strides } = window;
  const cells = cellsOf(window);
  if (phases.length === 1) return graph.add("Reshape", [phases[0], graph.ints([0, 0, ...cells])]);
  const stacked = graph.add("Reshape", [graph.add("Concat", phases, { axis: 2 }), graph.ints([0, 0, phases.length, ...cells])]);
  const blocks = graph.add("Transpose", [stacked], { perm: [0, 1, 3, 2, 4] });
  const rows = graph.add("Reshape", [blocks, graph.ints([0, 0, cells[0] * strides[0], strides[1], cells[1]])]);
  const columns = graph.add("Transpose", [rows], { perm: [0, 1, 2, 4, 3] });
  return graph.add("Reshape", [columns, graph.ints([0, 0, cells[0] * strides[0], cells[1] * strides[1]])]);
}
