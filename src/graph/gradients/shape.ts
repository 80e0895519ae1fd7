// Gradients of operators that move elements: each element's gradient moves back to its origin.

import type { GraphBuilder } from "../builder.ts";
import { padZeros } from "../pad.ts";
import { sliceOf } from "../slice.ts";
import { type Dimension, intAttribute, intsAttribute, type Shape, stringAttribute, type Value } from "../types.ts";
import { unbroadcast } from "./elementwise.ts";
import type { GradientContext, GradientRule } from "./rule.ts";

/** `value` with its elements in `shape`, which may have one symbolic dimension. */
export function reshapeTo(context: Pick<GradientContext, "graph" | "fail">, value: Value, shape: Shape): Value {
  if (value.shape.join() === shape.join()) return value;
  const symbols = shape.filter((size) => typeof size === "string");
  if (symbols.length > 1) return context.fail(`cannot restore the shape [${shape}], which has ${symbols.length} symbolic dimensions`);
  return context.graph.add("Reshape", [value, context.graph.ints(shape.map((size) => (typeof size === "number" ? size : -1)))]);
}

/** The integers of the constant input `i`; undefined if it is omitted. */
function constantInts(context: GradientContext, i: number): readonly number[] | undefined {
  const value = context.inputs[i];
  if (!value) return undefined;
  const constant = context.graph.constantOf(value);
  return constant ? Array.from(constant.data as ArrayLike<bigint>, Number) : context.fail(`needs a constant for input ${i}`);
}

const reshape: GradientRule = (context) => [reshapeTo(context, context.gradient, context.input(0).shape)];

const transpose: GradientRule = (context) => {
  const perm = intsAttribute(context.node, "perm") ?? [...context.input(0).shape.keys()].reverse();
  const inverse = perm.map((_, i) => perm.indexOf(i));
  return [context.graph.add("Transpose", [context.gradient], { perm: inverse })];
};

const concat: GradientRule = (context) => {
  const rank = context.gradient.shape.length;
  const given = intAttribute(context.node, "axis", 0);
  const axis = given < 0 ? given + rank : given;
  let start = 0;
  return context.inputs.map((_, i) => {
    const size = context.input(i).shape[axis];
    if (typeof size !== "number") return context.fail(`needs fixed sizes along axis ${axis}`);
    start += size;
    return context.needs(i) ? sliceOf(context.graph, context.gradient, [{ axis, start: start - size, end: start }]) : undefined;
  });
};

const pad: GradientRule = (context) => {
  const { graph, gradient } = context;
  const { shape } = context.input(0);
  const mode = stringAttribute(context.node, "mode", "constant");
  const pads = constantInts(context, 1) ?? [];
  const axes = constantInts(context, 3)?.map((axis) => (axis < 0 ? axis + shape.length : axis)) ?? [...shape.keys()];
  const [before, after] = [Array<number>(shape.length).fill(0), Array<number>(shape.length).fill(0)];
  for (const [i, axis] of axes.entries()) {
    before[axis] = pads[i] as number;
    after[axis] = pads[i + axes.length] as number;
  }
  if (mode === "constant")
    return [
      padZeros(
        graph,
        gradient,
        before.map((count) => -count),
        after.map((count) => -count),
      ),
    ];
  if (mode !== "reflect") return context.fail(`exists for mode "constant" and "reflect", not "${mode}"`);
  return [axes.reduce((value, axis) => foldReflection(graph, value, axis, before[axis] as number, after[axis] as number), gradient)];
};

/** Adds the mirrored margins along `axis` to the elements that they mirror. */
function foldReflection(graph: GraphBuilder, value: Value, axis: number, before: number, after: number): Value {
  const total = value.shape[axis] as number;
  const size = total - before - after;
  const along = (count: number): number[] => value.shape.map((_, i) => (i === axis ? count : 0));
  const parts = [sliceOf(graph, value, [{ axis, start: before, end: before + size }])];
  if (before > 0) {
    const margin = sliceOf(graph, value, [{ axis, start: before - 1, end: -total - 1, step: -1 }]);
    parts.push(padZeros(graph, margin, along(1), along(size - before - 1)));
  }
  if (after > 0) {
    const margin = sliceOf(graph, value, [{ axis, start: total - 1, end: before + size - 1, step: -1 }]);
    parts.push(padZeros(graph, margin, along(size - after - 1), along(1)));
  }
  return parts.reduce((a, b) => graph.add("Add", [a, b]));
}

const slice: GradientRule = (context) => {
  const { graph } = context;
  const { shape } = context.input(0);
  const starts = constantInts(context, 1) ?? [];
  const axes = constantInts(context, 3) ?? starts.map((_, i) => i);
  const steps = constantInts(context, 4) ?? starts.map(() => 1);
  const result = axes.reduce((value, given, i) => {
    const axis = given < 0 ? given + shape.length : given;
    return unslice(graph, value, axis, shape[axis] as Dimension, starts[i] as number, steps[i] as number);
  }, context.gradient);
  return [result];
};

/** Moves the elements of `value` along `axis` back to where a slice took them from, with zeros elsewhere. */
function unslice(graph: GraphBuilder, value: Value, axis: number, size: Dimension, start: number, step: number): Value {
  const count = value.shape[axis];
  if (typeof size !== "number" || typeof count !== "number") return value; // Shape inference allows only whole symbolic axes.
  const first = Math.min(Math.max(start < 0 ? start + size : start, 0), step > 0 ? size : size - 1);
  if (step < 0) {
    const reversed = graph.add("Slice", [value, graph.ints([-1]), graph.ints([-count - 1]), graph.ints([axis]), graph.ints([-1])]);
    return unslice(graph, reversed, axis, size, first + step * (count - 1), -step);
  }
  const spread = step === 1 || count === 0 ? value : spreadOut(graph, value, axis, step);
  const along = (zeros: number): number[] => value.shape.map((_, i) => (i === axis ? zeros : 0));
  return padZeros(graph, spread, along(first), along(size - first - (spread.shape[axis] as number)));
}

/** Inserts `step − 1` zeros after each element along `axis`. */
function spreadOut(graph: GraphBuilder, value: Value, axis: number, step: number): Value {
  const rank = value.shape.length;
  const parts = graph.add("Unsqueeze", [value, graph.ints([axis + 1])]);
  const along = Array.from({ length: rank + 1 }, (_, i) => (i === axis + 1 ? step - 1 : 0));
  const padded = padZeros(graph, parts, Array(rank + 1).fill(0), along);
  const target = value.shape.map((size, i) => (typeof size === "string" ? -1 : i === axis ? size * step : size));
  return graph.add("Reshape", [padded, graph.ints(target)]);
}

const expand: GradientRule = (context) => [unbroadcast(context.graph, context.gradient, context.input(0))];

export const shapeGradients: Readonly<Record<string, GradientRule>> = {
  Reshape: reshape,
  Flatten: reshape,
  Squeeze: reshape,
  Unsqueeze: reshape,
  Transpose: transpose,
  Concat: concat,
  Pad: pad,
  Slice: slice,
  Expand: expand,
};
