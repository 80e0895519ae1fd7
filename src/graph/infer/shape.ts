// Shape inference of operators that move elements: reshape, transpose, slice, pad, concatenate, gather, expand.

import type { ElementType, Tensor } from "../../core/tensor.ts";
import { type Dimension, intAttribute, intsAttribute, type Shape } from "../types.ts";
import {
  broadcastShapes,
  constantInts,
  factorsOf,
  type InferenceContext,
  type InferenceRule,
  normalizeAxis,
  productOf,
  quotientOf,
} from "./rule.ts";

export const shapeRules: Readonly<Record<string, InferenceRule>> = {
  Reshape: (context) => typed(context, reshape(context)),
  Shape: (context) => [{ type: "int64", shape: [context.input(0).shape.length] }],
  Flatten: (context) => {
    const { shape } = context.input(0);
    const axis = intAttribute(context.node, "axis", 1);
    const at = axis < 0 ? axis + shape.length : axis;
    return typed(context, [productOf(shape.slice(0, at)), productOf(shape.slice(at))]);
  },
  Squeeze: (context) => {
    const { shape } = context.input(0);
    const given = context.inputs[1] ? constantInts(context, 1, "axes") : intsAttribute(context.node, "axes");
    const over = new Set(
      given?.map((axis) => normalizeAxis(context, axis, shape.length)) ?? shape.flatMap((dimension, i) => (dimension === 1 ? [i] : [])),
    );
    return typed(
      context,
      shape.filter((_, i) => !over.has(i)),
    );
  },
  Unsqueeze: (context) => {
    const { shape } = context.input(0);
    const axes = context.inputs[1] ? constantInts(context, 1, "axes") : (intsAttribute(context.node, "axes") ?? []);
    const rank = shape.length + axes.length;
    const added = new Set(axes.map((axis) => normalizeAxis(context, axis, rank)));
    const rest = shape.values();
    return typed(
      context,
      Array.from({ length: rank }, (_, i): Dimension => (added.has(i) ? 1 : (rest.next().value as Dimension))),
    );
  },
  Transpose: (context) => {
    const { shape } = context.input(0);
    const perm = intsAttribute(context.node, "perm") ?? [...shape.keys()].reverse();
    return typed(
      context,
      perm.map((axis) => shape[axis] as Dimension),
    );
  },
  Slice: (context) => typed(context, slice(context)),
  Pad: (context) => {
    const { shape } = context.input(0);
    const pads = constantInts(context, 1, "pads");
    const axes = context.inputs[3]
      ? constantInts(context, 3, "axes").map((axis) => normalizeAxis(context, axis, shape.length))
      : [...shape.keys()];
    const result = [...shape];
    for (const [i, axis] of axes.entries()) {
      const extra = (pads[i] as number) + (pads[i + axes.length] as number);
      if (extra !== 0) result[axis] = addTo(context, shape[axis] as Dimension, extra);
    }
    return typed(context, result);
  },
  Concat: (context) => {
    const shapes = context.inputs.map((_, i) => context.input(i).shape);
    const first = shapes[0] as Shape;
    const axis = normalizeAxis(context, intAttribute(context.node, "axis", 0), first.length);
    for (const shape of shapes) {
      if (shape.length !== first.length || shape.some((dimension, i) => i !== axis && dimension !== first[i]))
        context.fail("cannot join shapes that differ off the axis");
    }
    const total = shapes
      .map((shape) => shape[axis] as Dimension)
      .reduce((a, b) => (typeof a === "number" ? addTo(context, b, a) : addTo(context, a, b as number)));
    return typed(
      context,
      first.map((dimension, i) => (i === axis ? total : dimension)),
    );
  },
  Gather: (context) => {
    const { shape } = context.input(0);
    const axis = normalizeAxis(context, intAttribute(context.node, "axis", 0), shape.length);
    return typed(context, [...shape.slice(0, axis), ...context.input(1).shape, ...shape.slice(axis + 1)]);
  },
  Expand: (context) => {
    const target = constantInts(context, 1, "shape");
    return typed(
      context,
      broadcastShapes(context.input(0).shape, target, (message) => context.fail(message)),
    );
  },
  Resize: (context) => {
    const { shape } = context.input(0);
    const sizes = context.inputs[3] ? constantInts(context, 3, "sizes") : undefined;
    const numbers = sizes ?? constantInts(context, 2, "scales");
    const axes = intsAttribute(context.node, "axes")?.map((axis) => normalizeAxis(context, axis, shape.length)) ?? [...shape.keys()];
    if (numbers.length !== axes.length) return context.fail("needs a size or scale for each axis");
    const result = [...shape];
    for (const [i, axis] of axes.entries()) {
      const [size, number] = [shape[axis], numbers[i] as number];
      if (typeof size === "number") result[axis] = sizes ? number : Math.floor(size * number);
    }
    return typed(context, result);
  },
  Tile: (context) => {
    const repeats = constantInts(context, 1, "repeats");
    return typed(
      context,
      context.input(0).shape.map((dimension, i) => (repeats[i] === 1 ? dimension : productOf([dimension, repeats[i] as number]))),
    );
  },
  ConstantOfShape: (context) => {
    const value = context.node.attributes.value as { kind: "tensor"; value: Tensor } | undefined;
    return [{ type: value?.value.type ?? ("float32" as ElementType), shape: constantInts(context, 0, "shape") }];
  },
};

function typed(context: InferenceContext, shape: Shape): readonly { type: ElementType; shape: Shape }[] {
  return [{ type: context.input(0).type, shape }];
}

function reshape(context: InferenceContext): Shape {
  const { shape } = context.input(0);
  const target = constantInts(context, 1, "shape");
  const keepsZero = intAttribute(context.node, "allowzero", 0) === 1;
  const result: Dimension[] = target.map((size, i) =>
    size === 0 && !keepsZero ? (shape[i] ?? context.fail("copies a dimension that is not there")) : size,
  );
  const free = result.indexOf(-1);
  if (free >= 0) {
    result[free] = divide(shape, result, free) ?? context.fail(`cannot reshape [${shape}] to [${target}]`);
  }
  const [before, after] = [productOf(shape), productOf(result)];
  if (typeof before === "number" && before !== after) context.fail(`cannot reshape [${shape}] to [${target}]`);
  return result;
}

/** The size of the free axis of `result`, so that it has as many elements as `shape`; undefined if it is not an integer. */
function divide(shape: Shape, result: Shape, free: number): Dimension | undefined {
  const rest = productOf(result.filter((_, i) => i !== free));
  const quotient = quotientOf(productOf(shape), rest);
  if (quotient === undefined) return undefined;
  const { symbols, factor } = factorsOf(quotient);
  // A reshape keeps the order of elements, so the number of elements before the symbol stays the same.
  const before = factorsOf(productOf(shape)).before / factorsOf(productOf(result.slice(0, free))).factor;
  const split = factorsOf(rest).symbols.length === 0 && Number.isInteger(before) && factor % before === 0 ? before : 1;
  return productOf([split, ...symbols, factor / split]);
}

function slice(context: InferenceContext): Shape {
  const { shape } = context.input(0);
  const starts = constantInts(context, 1, "starts");
  const ends = constantInts(context, 2, "ends");
  const axes = context.inputs[3] ? constantInts(context, 3, "axes") : starts.map((_, i) => i);
  const steps = context.inputs[4] ? constantInts(context, 4, "steps") : starts.map(() => 1);
  const result = [...shape];
  for (const [i, given] of axes.entries()) {
    const axis = normalizeAxis(context, given, shape.length);
    const size = shape[axis] as Dimension;
    const [start, end, step] = [starts[i] as number, ends[i] as number, steps[i] as number];
    if (typeof size === "string") {
      if (start === 0 && step === 1 && end >= 2 ** 31 - 1) continue;
      return context.fail(`cannot slice the symbolic dimension "${size}"`);
    }
    const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
    const clamp = (index: number): number => Math.min(Math.max(index < 0 ? index + size : index, low), high);
    result[axis] = Math.max(0, Math.ceil((clamp(end) - clamp(start)) / step));
  }
  return result;
}

function addTo(context: InferenceContext, dimension: Dimension, extra: number): Dimension {
  return typeof dimension === "number" ? dimension + extra : context.fail(`cannot add ${extra} to the symbolic dimension "${dimension}"`);
}
