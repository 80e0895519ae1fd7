// A transposed convolution, the gradient of a convolution's input, as plain convolutions in blocks: every stride-th row and column of its
// result is a plain convolution with every stride-th place of its kernel. ONNX Runtime would sum scattered columns instead.

import type { GraphBuilder } from "../builder.ts";
import { padsOfPlain } from "../transposed.ts";
import { intsAttribute, type Node, staticShape, type Value } from "../types.ts";
import { reshape } from "./kernels.ts";

/** A plain convolution: which places of the kernel it has, in its order, the kernel's size, and pads [top, left, bottom, right]. */
export interface Phase {
  readonly places: readonly number[];
  readonly kernel: readonly [number, number];
  readonly pads: readonly number[];
}

/** The phases of ConvTranspose `node`, of each row those of its columns; undefined if they differ in size or need negative pads. */
export function phasesOf(node: Node, x: Value, weight: Value, y: Value): readonly (readonly Phase[])[] | undefined {
  const whole = padsOfPlain(node, weight);
  const [height, width] = staticShape(weight).slice(2) as [number, number];
  const reversed = Array.from({ length: height * width }, (_, i) => height * width - 1 - i);
  if (whole) return [[{ places: reversed, kernel: [height, width], pads: whole }]];
  const strides = intsAttribute(node, "strides") ?? [1, 1];
  if (node.attributes.auto_pad || node.attributes.output_shape || (intsAttribute(node, "dilations") ?? []).some((step) => step !== 1))
    return undefined;
  const pads = intsAttribute(node, "pads") ?? [0, 0, 0, 0];
  const axes = [2, 3].map((axis) => {
    const [kernel, size, output] = [weight, x, y].map((value) => staticShape(value)[axis]) as [number, number, number];
    return alongAxis(kernel, strides[axis - 2] as number, pads[axis - 2] as number, size, output);
  });
  const [rows, columns] = axes as [readonly Taps[] | undefined, readonly Taps[] | undefined];
  if (!rows || !columns) return undefined;
  return rows.map((row) =>
    columns.map((column) => ({
      places: row.taps.flatMap((i) => column.taps.map((j) => i * width + j)),
      kernel: [row.taps.length, column.taps.length],
      pads: [row.before, column.before, row.after, column.after],
    })),
  );
}

interface Taps {
  readonly taps: readonly number[];
  readonly before: number;
  readonly after: number;
}

/** Along one axis: y[r] = Σ x[(r + pad − tap) / stride] · w[tap] over the taps for which the index is whole. */
function alongAxis(kernel: number, stride: number, pad: number, size: number, output: number): readonly Taps[] | undefined {
  if (output % stride !== 0) return undefined;
  const phases = Array.from({ length: stride }, (_, phase): Taps => {
    const taps = Array.from({ length: kernel }, (_, tap) => kernel - 1 - tap).filter((tap) => (phase + pad - tap) % stride === 0);
    const [last, first] = [taps[0] ?? 0, taps.at(-1) ?? 0].map((tap) => (phase + pad - tap) / stride) as [number, number];
    return { taps, before: -last, after: output / stride - 1 + first - (size - 1) };
  });
  const empty = ({ taps }: Taps): boolean => taps.length === 0;
  return phases.every((phase) => empty(phase) || (phase.before >= 0 && phase.after >= 0)) ? phases : undefined;
}

/** The image `shape`, [batch, channels, height, width] in blocks, of which `convolve` computes each phase; one without places is zeros. */
export function joined(
  graph: GraphBuilder,
  phases: readonly (readonly Phase[])[],
  shape: readonly number[],
  block: number,
  convolve: (phase: Phase) => Value,
): Value {
  const [batch, channels, height, width] = shape as [number, number, number, number];
  const [rows, columns] = [phases.length, (phases[0] as readonly Phase[]).length];
  const zeros = (): Value => graph.add("Expand", [graph.scalar(0), graph.ints([batch, channels, height / rows, width / columns])]);
  const parts = phases.map((row) => row.map((phase) => (phase.places.length > 0 ? convolve(phase) : zeros())));
  const images = (batch * channels) / block;
  const sideBySide = (values: readonly Value[], shape: readonly number[]): Value => {
    if (values.length === 1) return values[0] as Value;
    const flat = values.map((value) => reshape(graph, value, shape));
    return graph.add("Concat", flat, { axis: 1 });
  };
  const wide = parts.map((row) => sideBySide(row, [(images * height * width) / rows / columns, block]));
  return reshape(graph, sideBySide(wide, [(images * height) / rows, width * block]), shape);
}
