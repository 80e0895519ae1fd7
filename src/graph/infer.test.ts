// Shape inference against the sizes that the engine computes.

import { expect, test } from "vitest";
import { full } from "../core/tensor.ts";
import { openSession } from "../runtime/session.ts";
import { GraphBuilder } from "./builder.ts";
import type { Shape, Value } from "./types.ts";

type Add = (graph: GraphBuilder, x: Value) => Value;

/** Operators on an input of shape ["batch", 4, 7, 6], and the inferred shapes. */
const CASES: readonly (readonly [string, Add, Shape])[] = [
  [
    "Conv with stride and padding",
    (g, x) => g.add("Conv", [x, g.constant(full([8, 2, 3, 3], 1))], { group: 2, strides: [2, 2], pads: [1, 1, 1, 1] }),
    ["batch", 8, 4, 3],
  ],
  ["Conv with dilation", (g, x) => g.add("Conv", [x, g.constant(full([5, 4, 3, 1], 1))], { dilations: [2, 1] }), ["batch", 5, 3, 6]],
  [
    "Conv with SAME padding",
    (g, x) => g.add("Conv", [x, g.constant(full([5, 4, 3, 3], 1))], { auto_pad: "SAME_UPPER", strides: [2, 2] }),
    ["batch", 5, 4, 3],
  ],
  [
    "ConvTranspose",
    (g, x) =>
      g.add("ConvTranspose", [x, g.constant(full([4, 3, 3, 3], 1))], { strides: [2, 2], pads: [1, 1, 1, 1], output_padding: [1, 0] }),
    ["batch", 3, 14, 11],
  ],
  ["MaxPool", (g, x) => g.add("MaxPool", [x], { kernel_shape: [3, 3], strides: [2, 2] }), ["batch", 4, 3, 2]],
  ["MaxPool with ceil_mode", (g, x) => g.add("MaxPool", [x], { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 }), ["batch", 4, 3, 3]],
  [
    "AveragePool whose last window would start after the image",
    (g, x) => g.add("AveragePool", [x], { kernel_shape: [1, 1], strides: [4, 4], ceil_mode: 1 }),
    ["batch", 4, 2, 2],
  ],
  ["GlobalAveragePool", (g, x) => g.add("GlobalAveragePool", [x]), ["batch", 4, 1, 1]],
  ["Flatten", (g, x) => g.add("Flatten", [x]), ["batch", 168]],
  ["Reshape", (g, x) => g.add("Reshape", [x, g.ints([0, 2, -1])]), ["batch", 2, 84]],
  ["Reshape with the batch left open", (g, x) => g.add("Reshape", [x, g.ints([-1, 168])]), ["batch", 168]],
  ["Transpose", (g, x) => g.add("Transpose", [x], { perm: [0, 2, 3, 1] }), ["batch", 7, 6, 4]],
  ["Concat", (g, x) => g.add("Concat", [x, x, x], { axis: 1 }), ["batch", 12, 7, 6]],
  [
    "Slice with negative bounds and steps",
    (g, x) => g.add("Slice", [x, g.ints([-1, 1]), g.ints([-100, 100]), g.ints([2, 3]), g.ints([-3, 2])]),
    ["batch", 4, 3, 3],
  ],
  ["Pad", (g, x) => g.add("Pad", [x, g.ints([0, 0, 1, -1, 0, 0, 2, 0])]), ["batch", 4, 10, 5]],
  ["Squeeze", (g, x) => g.add("Squeeze", [g.add("GlobalMaxPool", [x]), g.ints([-1, -2])]), ["batch", 4]],
  ["Unsqueeze", (g, x) => g.add("Unsqueeze", [x, g.ints([0, -1])]), [1, "batch", 4, 7, 6, 1]],
  ["ReduceMean", (g, x) => g.add("ReduceMean", [x, g.ints([-1, 2])], { keepdims: 0 }), ["batch", 4]],
  ["ReduceSum over everything", (g, x) => g.add("ReduceSum", [x]), [1, 1, 1, 1]],
  ["ArgMax", (g, x) => g.add("ArgMax", [x], { axis: 1, keepdims: 0 }), ["batch", 7, 6]],
  ["MatMul", (g, x) => g.add("MatMul", [x, g.constant(full([6, 2], 1))]), ["batch", 4, 7, 2]],
  ["broadcasting", (g, x) => g.add("Mul", [x, g.constant(full([4, 1, 1], 1))]), ["batch", 4, 7, 6]],
  ["Expand", (g, x) => g.add("Expand", [x, g.ints([3, 1, 1, 1, 1])]), [3, "batch", 4, 7, 6]],
  ["Gather", (g, x) => g.add("Gather", [x, g.ints([2, 0])], { axis: 2 }), ["batch", 4, 2, 6]],
];

test.each(CASES)("the shape of %s is inferred with the batch left open", (_, add, shape) => {
  const graph = new GraphBuilder();
  expect(add(graph, graph.input("x", "float32", ["batch", 4, 7, 6])).shape).toEqual(shape);
});

test("the inferred shapes equal those that the engine computes", async () => {
  const graph = new GraphBuilder();
  const x = graph.input("x", "float32", [2, 4, 7, 6]);
  const outputs = Object.fromEntries(CASES.map(([name, add]) => [name, add(graph, x)]));
  const session = await openSession(graph.build(outputs));
  const results = await session.run({ x: full([2, 4, 7, 6], 1) });
  await session.release();
  for (const [name, value] of Object.entries(outputs)) expect(results[name]?.shape, name).toEqual(value.shape);
});

test("the error for an unknown operator names it and its node", () => {
  const graph = new GraphBuilder();
  expect(() => graph.add("Bernoulli", [graph.input("x", "float32", [1])], {}, { name: "noise" })).toThrow(
    'Cannot infer the shape of operator Bernoulli (node "noise")',
  );
});

test.each<[string, Add, RegExp]>([
  [
    "channels that do not fit",
    (g, x) => g.add("Conv", [x, g.constant(full([8, 3, 3, 3], 1))]),
    /cannot convolve \[batch,4,7,6\] with \[8,3,3,3\] in 1 groups/,
  ],
  [
    "a kernel larger than the image",
    (g, x) => g.add("MaxPool", [x], { kernel_shape: [9, 9] }),
    /has a kernel of 9 that does not fit into 7/,
  ],
  ["shapes that do not broadcast", (g, x) => g.add("Add", [x, g.constant(full([5], 1))]), /cannot broadcast \[batch,4,7,6\] with \[5\]/],
  [
    "a reshape that loses elements",
    (g) => g.add("Reshape", [g.constant(full([2, 3], 1)), g.ints([4, -1])]),
    /cannot reshape \[2,3\] to \[4,-1\]/,
  ],
  [
    "a slice of the symbolic batch",
    (g, x) => g.add("Slice", [x, g.ints([0]), g.ints([1]), g.ints([0])]),
    /cannot slice the symbolic dimension "batch"/,
  ],
  ["a computed shape", (g, x) => g.add("Reshape", [x, g.add("Identity", [g.ints([1])])]), /needs constant/],
])("%s fail at the node", (_, add, message) => {
  const graph = new GraphBuilder();
  expect(() => add(graph, graph.input("x", "float32", ["batch", 4, 7, 6]))).toThrow(message);
});
