// Rewrites operators of exported graphs as they are copied: those that depend on the number of images, and those that have a gradient only
// in a simpler form.

import { UsageError } from "../../core/errors.ts";
import type { ElementType } from "../../core/tensor.ts";
import { productOf, quotientOf } from "../../graph/infer/rule.ts";
import { sliceOf } from "../../graph/slice.ts";
import {
  type Dimension,
  floatAttribute,
  intAttribute,
  intsAttribute,
  type Node,
  type Shape,
  stringAttribute,
  type Value,
} from "../../graph/types.ts";
import { batchNorm } from "../layers.ts";
import type { Copied, Copier } from "./copier.ts";
import { apartFromPooling } from "./padded-pool.ts";

/** Copies one node; returns its outputs. */
type Translate = (copy: Copier, node: Node) => readonly (Copied | undefined)[];

/** A shape as the target of a Reshape: unknown sizes become −1. */
export function targetOf(shape: Shape): readonly number[] {
  return shape.map((size) => (typeof size === "number" ? size : -1));
}

const reshape: Translate = (copy, node) => {
  const target = copy.known(node, 1);
  if (!target) return [copy.plain(node, "Reshape", [copy.value(node, 0), copy.value(node, 1)], node.attributes)];
  const x = copy.value(node, 0);
  const items = withRest(x.shape, target.items);
  // 0 copies a size; if several are unknown, those that keep their position are copied too.
  const unknown = items.filter((item) => typeof item === "string" || item === -1).length;
  const shape = items.map((item, i) => (typeof item === "number" ? item : unknown > 1 && item === x.shape[i] ? 0 : -1));
  const { allowzero: _, ...attributes } = node.attributes;
  return [
    copy.plain(node, "Reshape", [x, copy.scope.graph.ints(shape)], shape.includes(0) && !items.includes(0) ? attributes : node.attributes),
  ];
};

/** The target of a Reshape with the size that it leaves open (−1), if that is a number beside unknown sizes. */
function withRest(shape: Shape, target: readonly Dimension[]): readonly Dimension[] {
  if (!target.includes(-1) || target.includes(0) || target.every((size) => typeof size === "number")) return target;
  const rest = quotientOf(productOf(shape), productOf(target.filter((size) => size !== -1)));
  return typeof rest === "number" ? target.map((size) => (size === -1 ? rest : size)) : target;
}

/** `value` repeated for each image of the batch. */
function forEachImage(copy: Copier, value: Value, batch: Dimension): Value {
  const { graph } = copy.scope;
  if (typeof batch === "number") return graph.add("Expand", [value, graph.ints([batch, ...value.shape.slice(1).map(() => 1)])]);
  // No number is less than itself: this gives zeros of the batch's length, whatever the values.
  const first = sliceOf(
    graph,
    copy.start,
    copy.start.shape.slice(1).map((_, i) => ({ axis: i + 1, start: 0, end: 1 })),
  );
  const zeros = graph.add("Cast", [graph.add("Less", [first, first])], { to: 1 });
  return graph.add("Add", [value, graph.add("Reshape", [zeros, graph.ints([-1, ...value.shape.slice(1).map(() => 1)])])]);
}

const expand: Translate = (copy, node) => {
  const { graph } = copy.scope;
  const target = copy.known(node, 1);
  const x = copy.value(node, 0);
  if (!target) return [copy.plain(node, "Expand", [x, copy.value(node, 1)], {})];
  const rank = Math.max(x.shape.length, target.items.length);
  const [own, wanted] = [x.shape, target.items].map((shape) => [...Array<Dimension>(rank - shape.length).fill(1), ...shape]) as [
    Dimension[],
    Dimension[],
  ];
  const sizes = wanted.map((size, i) => (typeof size === "string" || size === -1 || size === own[i] ? 1 : size));
  const spread = sizes.every((size) => size === 1) && rank === x.shape.length ? x : graph.add("Expand", [x, graph.ints(sizes)]);
  const batch = wanted[0] as Dimension;
  return [typeof batch === "string" && own[0] === 1 ? forEachImage(copy, spread, batch) : spread];
};

/** Parts without a batch, such as a class token, are repeated for each image. */
const concat: Translate = (copy, node) => {
  const parts = node.inputs.map((_, i) => copy.value(node, i));
  const [first] = parts as [Value];
  const axis = intAttribute(node, "axis", 0);
  const batch = parts.map(({ shape }) => shape[0]).find((size) => size !== 1);
  const joined = parts.map((part) =>
    axis === 0 || axis === -first.shape.length || batch === undefined || part.shape[0] === batch ? part : forEachImage(copy, part, batch),
  );
  return [copy.plain(node, "Concat", joined, node.attributes)];
};

const norm: Translate = (copy, node) => {
  const x = copy.value(node, 0);
  const name = copy.parameter(node.inputs[1])?.name;
  const [epsilon, momentum] = [floatAttribute(node, "epsilon", 1e-5), 1 - floatAttribute(node, "momentum", 0.9)];
  if (name?.endsWith(".weight")) return [batchNorm(copy.scope, name.slice(0, -".weight".length), x, { epsilon, momentum })];
  return [
    copy.plain(
      node,
      "BatchNormalization",
      node.inputs.map((_, i) => copy.value(node, i)),
      node.attributes,
    ),
  ];
};

/** Makes padding explicit if the file leaves it to the engine: the gradient rules need it. */
const windowed: Translate = (copy, node) => {
  const given = node.inputs.map((name, i) => (name === "" ? undefined : copy.value(node, i)));
  const inputs = node.op === "MaxPool" ? [apartFromPooling(copy, given[0] as Value)] : given;
  const [x, weight] = inputs as [Value, Value | undefined];
  const kernel = intsAttribute(node, "kernel_shape") ?? (weight?.shape.slice(2) as number[]);
  const { auto_pad, ...attributes } = node.attributes;
  const mode = stringAttribute(node, "auto_pad", "NOTSET");
  const shaped = { ...attributes, kernel_shape: { kind: "ints", value: kernel } } as const;
  if (mode === "NOTSET") return [copy.plain(node, node.op, inputs, shaped)];
  const total = kernel.map((side, i) => {
    const stride = intsAttribute(node, "strides")?.[i] ?? 1;
    const reach = (side - 1) * (intsAttribute(node, "dilations")?.[i] ?? 1) + 1;
    const size = x.shape[2 + i] as number;
    return mode === "VALID" ? 0 : Math.max(0, (Math.ceil(size / stride) - 1) * stride + reach - size);
  });
  const [less, more] = [total.map((count) => Math.floor(count / 2)), total.map((count) => Math.ceil(count / 2))];
  const pads = mode === "SAME_LOWER" ? [...more, ...less] : [...less, ...more];
  return [copy.plain(node, node.op, inputs, { ...shaped, pads: { kind: "ints", value: pads } })];
};

/** A Split becomes slices, which have a gradient. */
const split: Translate = (copy, node) => {
  const x = copy.value(node, 0);
  const given = intAttribute(node, "axis", 0);
  const axis = given < 0 ? given + x.shape.length : given;
  const whole = x.shape[axis] as number;
  const each = Math.ceil(whole / intAttribute(node, "num_outputs", node.outputs.length));
  let start = 0;
  return node.outputs.map((_, i) => {
    const size = (copy.known(node, 1)?.items[i] as number | undefined) ?? Math.min(each, whole - start);
    start += size;
    return sliceOf(copy.scope.graph, x, [{ axis, start: start - size, end: start }]);
  });
};

/** A single row becomes a slice. */
const gather: Translate = (copy, node) => {
  const { graph } = copy.scope;
  const [x, index] = [copy.value(node, 0), copy.known(node, 1)];
  const given = intAttribute(node, "axis", 0);
  const axis = given < 0 ? given + x.shape.length : given;
  const size = x.shape[axis];
  if (typeof size === "string")
    throw new UsageError(
      `Operator Gather (node "${node.name}") selects along the axis of the images, because it was written for one image`,
      "Export the model with a dynamic batch, or cut the network before it.",
    );
  const place = index?.items[0];
  if (index?.items.length !== 1 || typeof place !== "number" || size === undefined)
    return [copy.plain(node, "Gather", [x, copy.value(node, 1)], node.attributes)];
  const start = place < 0 ? place + size : place;
  const row = sliceOf(graph, x, [{ axis, start, end: start + 1 }]);
  return [index.shape.length === 0 ? graph.add("Squeeze", [row, graph.ints([axis])]) : row];
};

const softmax: Translate = (copy, node) => {
  const { graph } = copy.scope;
  const x = copy.value(node, 0);
  const given = intAttribute(node, "axis", -1);
  const axis = given < 0 ? given + x.shape.length : given;
  if (intAttribute(node, "flattened", 0) === 0 || axis === x.shape.length - 1)
    return [copy.plain(node, node.op, [x], { axis: { kind: "int", value: axis } })];
  const flat = copy.plain(node, node.op, [graph.add("Flatten", [x], { axis })], { axis: { kind: "int", value: 1 } });
  return [graph.add("Reshape", [flat, graph.ints(targetOf(x.shape))])];
};

/** Normalisation over groups of channels (Wu and He 2018) in plain operators; InstanceNormalization has one group per channel. */
const groupNorm: Translate = (copy, node) => {
  const { graph } = copy.scope;
  const x = copy.value(node, 0);
  const channels = x.shape[1] as number;
  const groups = node.op === "InstanceNormalization" ? channels : intAttribute(node, "num_groups", 1);
  const grouped = graph.add("Reshape", [x, graph.ints([0, groups, -1])]);
  const mean = (value: Value): Value => graph.add("ReduceMean", [value, graph.ints([2])], { keepdims: 1 });
  const centred = graph.add("Sub", [grouped, mean(grouped)]);
  const variance = mean(graph.add("Mul", [centred, centred]));
  const deviation = graph.add("Sqrt", [graph.add("Add", [variance, graph.scalar(floatAttribute(node, "epsilon", 1e-5))])]);
  const normalised = graph.add("Reshape", [graph.add("Div", [centred, deviation]), graph.ints(targetOf(x.shape))]);
  // Before operator set 21 GroupNormalization had one scale per group.
  const perChannel = (i: number): Value => {
    const value = copy.value(node, i);
    const each = graph.add("Reshape", [value, graph.ints([value.shape[0] as number, 1])]);
    const spread = value.shape[0] === channels ? value : graph.add("Expand", [each, graph.ints([groups, channels / groups])]);
    return graph.add("Reshape", [spread, graph.ints([channels, ...x.shape.slice(2).map(() => 1)])]);
  };
  return [graph.add("Add", [graph.add("Mul", [normalised, perChannel(1)]), perChannel(2)], {}, { name: node.name })];
};

/** Only a map's sides are resized explicitly, so that the batch may have any size. */
const resize: Translate = (copy, node) => {
  const inputs = node.inputs.map((name, i) => (name === "" || i === 3 ? undefined : copy.value(node, i)));
  const [x] = inputs as [Value];
  const sizes = copy.known(node, 3)?.items;
  if (!sizes || node.attributes.axes || sizes.length !== x.shape.length || sizes.slice(2).some((size) => typeof size === "string"))
    return [copy.plain(node, "Resize", [...inputs.slice(0, 3), ...(node.inputs[3] ? [copy.value(node, 3)] : [])], node.attributes)];
  const axes = [...x.shape.keys()].slice(2);
  const attributes = { ...node.attributes, axes: { kind: "ints", value: axes } } as const;
  return [copy.plain(node, "Resize", [x, undefined, undefined, copy.scope.graph.ints(sizes.slice(2) as number[])], attributes)];
};

const identity: Translate = (copy, node) => [copy.find(node.inputs[0] as string)];

/** All floats are float32 here: a cast between float types changes nothing. */
const cast: Translate = (copy, node) => {
  const x = copy.value(node, 0);
  const to = intAttribute(node, "to", 0);
  const same: Readonly<Partial<Record<ElementType, number>>> = { float32: 1, int64: 7 };
  return [same[x.type] === to ? x : copy.plain(node, "Cast", [x], node.attributes)];
};

export const translations: Readonly<Record<string, Translate>> = {
  Reshape: reshape,
  Expand: expand,
  Concat: concat,
  BatchNormalization: norm,
  Conv: windowed,
  MaxPool: windowed,
  AveragePool: windowed,
  Split: split,
  Gather: gather,
  Softmax: softmax,
  LogSoftmax: softmax,
  InstanceNormalization: groupNorm,
  GroupNormalization: groupNorm,
  Resize: resize,
  Identity: identity,
  Cast: cast,
};
