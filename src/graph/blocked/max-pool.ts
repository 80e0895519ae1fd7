// MaxPool and its gradient on images in blocks. A maximum over columns and then over rows finds the same element as one over the window, the
// first among equal ones in the order of reading included; along one axis the gradient takes a comparison for each place of the kernel.

import type { GraphBuilder } from "../builder.ts";
import { ONNX_TYPES } from "../element-types.ts";
import type { Window } from "../gradients/window.ts";
import { padZeros } from "../pad.ts";
import { sliceOf } from "../slice.ts";
import { staticShape, type Value } from "../types.ts";
import { BLOCKED, reshape } from "./kernels.ts";

/** The lowest finite float32, which stands beside the image. */
const LOWEST = -3.4028234663852886e38;

/** Whether both axes can be pooled one after the other, in whole steps of their strides. */
export function canPoolByAxis({ kernel, strides, dilations, size, output, before }: Window): boolean {
  const can = (i: 0 | 1): boolean =>
    dilations[i] === 1 && kernel[i] >= strides[i] && size[i] === output[i] * strides[i] && before[i] <= kernel[i] - strides[i];
  return can(0) && can(1);
}

/** The maxima of `x` in blocks, along columns and then along rows. */
export function pooledByAxis(graph: GraphBuilder, x: Value, window: Window): Value {
  return pooled(graph, pooled(graph, x, window, 1), window, 0);
}

/** dL/dx in blocks, from the image x and dL/d(its maxima). */
export function pooledByAxisGradient(graph: GraphBuilder, x: Value, gradient: Value, window: Window, block: number): Value {
  const rows = pooled(graph, x, window, 1);
  const ofRows = alongAxis(graph, rows, pooled(graph, rows, window, 0), gradient, window, 0, block);
  return alongAxis(graph, x, rows, ofRows, window, 1, block);
}

function pooled(graph: GraphBuilder, x: Value, { kernel, strides, before }: Window, axis: 0 | 1): Value {
  const after = kernel[axis] - strides[axis] - before[axis];
  return maxima(graph, x, axis, kernel[axis], strides[axis], [before[axis], after]);
}

function maxima(graph: GraphBuilder, x: Value, axis: 0 | 1, kernel: number, stride: number, pads: readonly [number, number]): Value {
  const along = (value: number, other: number): readonly number[] => (axis === 0 ? [value, other] : [other, value]);
  const attributes = {
    kernel_shape: along(kernel, 1),
    strides: along(stride, 1),
    dilations: [1, 1],
    pads: pads.flatMap((count) => along(count, 0)),
  };
  return graph.add("MaxPool", [x], attributes, { domain: BLOCKED });
}

/** dL/dx of the maxima of `x` along one axis. */
function alongAxis(graph: GraphBuilder, x: Value, y: Value, gradient: Value, window: Window, axis: 0 | 1, block: number): Value {
  const [batch, channels, height, width] = staticShape(y) as [number, number, number, number];
  const [stride, count] = [window.strides[axis], window.output[axis]];
  const step = axis === 0 ? width * block : block;
  const total = batch * channels * height * width;
  /** By places of the axis: those before the image and after it are `fill`. */
  const moved = (value: Value, places: number, fill: number): Value => {
    if (places === 0) return value;
    const flat = reshape(graph, value, [total / (count * step), count * step]);
    const [from, to] = [-places * step, places * step];
    const result =
      fill === 0 ? padZeros(graph, flat, [0, from], [0, to]) : graph.add("Pad", [flat, graph.ints([0, from, 0, to]), graph.scalar(fill)]);
    return reshape(graph, result, y.shape as number[]);
  };
  const phase = (i: number): Value => {
    // Maxima of single elements: a slice takes twice as long.
    if (i === 0) return stride === 1 ? x : maxima(graph, x, axis, 1, stride, [0, 0]);
    const flat = reshape(graph, x, [total / step, stride * step]);
    return reshape(graph, sliceOf(graph, flat, [{ axis: 1, start: i * step, end: (i + 1) * step }]), y.shape as number[]);
  };
  const sums = new Map<number, Value>();
  let rest = gradient;
  for (let place = 0; place < window.kernel[axis]; place++) {
    const offset = place - window.before[axis];
    const shift = Math.floor(offset / stride);
    const at = offset - shift * stride;
    let share = rest;
    // What no other place got is the last one's.
    if (place < window.kernel[axis] - 1) {
      const equal = graph.add("Equal", [moved(phase(at), shift, LOWEST), y]);
      share = graph.add("Mul", [rest, graph.add("Cast", [equal], { to: ONNX_TYPES.float32 })]);
      rest = graph.add("Sub", [rest, share]);
    }
    const back = moved(share, -shift, 0);
    const sum = sums.get(at);
    sums.set(at, sum ? graph.add("Add", [sum, back]) : back);
  }
  const phases = Array.from({ length: stride }, (_, i) => sums.get(i) as Value);
  if (stride === 1) return phases[0] as Value;
  const flat = phases.map((value) => reshape(graph, value, [total / step, step]));
  return reshape(graph, graph.add("Concat", flat, { axis: 1 }), x.shape as number[]);
}
