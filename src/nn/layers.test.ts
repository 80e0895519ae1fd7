// Layers that differ between training and inference, against values computed by hand. The others are tested against torchvision in whole
// networks.

import { expect, test } from "vitest";
import { trainingScope } from "../../test/nn/training-scope.ts";
import { float32 } from "../core/tensor.ts";
import { GraphBuilder } from "../graph/builder.ts";
import { openSession } from "../runtime/session.ts";
import { batchNorm, dropout, linear, stochasticDepth, windowAttributes } from "./layers.ts";
import { inferenceScope } from "./scope.ts";

const parameters = {
  "bn.weight": float32([2, 1]),
  "bn.bias": float32([0, 10]),
  "bn.running_mean": float32([0, 5]),
  "bn.running_var": float32([1, 4]),
};

// Per channel: mean 2 and 5, biased variance 1 and 4, unbiased (two values) 2 and 8.
test.each([[[2, 2]], [[2, 2, 1, 1]]])(
  "batch norm of %j normalises by the batch and moves its statistics a tenth of the way, the variance unbiased",
  async (shape) => {
    const graph = new GraphBuilder();
    const scope = trainingScope(graph);
    const y = batchNorm(scope, "bn", graph.input("x", "float32", shape));
    const session = await openSession(
      graph.build({ y, ...Object.fromEntries([...scope.statistics].map(([name, value]) => [`${name}.new`, value])) }),
    );
    const results = await session.run({ x: float32([1, 3, 3, 7], shape), ...parameters });
    await session.release();
    expect(results.y).toBeAllClose(float32([-2, 9, 2, 11], shape), 1e-5);
    expect(results["bn.running_mean.new"]).toBeAllClose(float32([0.2, 5]), 1e-6);
    expect(results["bn.running_var.new"]).toBeAllClose(float32([1.1, 4.4]), 1e-6);
  },
);

test("batch norm in inference uses its running statistics", async () => {
  const graph = new GraphBuilder();
  const y = batchNorm(inferenceScope(graph, new Map(Object.entries(parameters))), "bn", graph.input("x", "float32", ["batch", 2]));
  const session = await openSession(graph.build({ y }));
  const results = await session.run({ x: float32([1, 3], [1, 2]) });
  await session.release();
  expect(results.y).toBeAllClose(float32([2, 9], [1, 2]), 1e-5);
});

test("dropout multiplies by a mask of the value's shape in training, and does nothing in inference or at 0", () => {
  const graph = new GraphBuilder();
  const scope = trainingScope(graph);
  const x = graph.input("x", "float32", [4, 3]);
  const dropped = dropout(scope, "drop", x, 0.25);
  expect(scope.masks).toEqual([{ name: "drop", shape: [4, 3], probability: 0.25 }]);
  expect(graph.nodes.map(({ op, inputs, outputs }) => ({ op, inputs, outputs }))).toEqual([
    { op: "Mul", inputs: ["x", "drop"], outputs: [dropped.name] },
  ]);
  expect(dropout(scope, "other", x, 0)).toBe(x);
  expect(dropout(inferenceScope(graph, new Map()), "other", x, 0.25)).toBe(x);
});

test("stochastic depth multiplies by one mask per image in training, and does nothing in inference or at 0", () => {
  const graph = new GraphBuilder();
  const scope = trainingScope(graph);
  const x = graph.input("x", "float32", [4, 3, 2, 2]);
  stochasticDepth(scope, "block", x, 0.2);
  expect(scope.masks).toEqual([{ name: "block", shape: [4, 1, 1, 1], probability: 0.2 }]);
  expect(stochasticDepth(scope, "first", x, 0)).toBe(x);
  expect(stochasticDepth(inferenceScope(graph, new Map()), "block", x, 0.2)).toBe(x);
});

// ⌈9 / 2⌉ = 5 windows of 3 need 11 pixels, two more than 9; ⌈8 / 2⌉ = 4 need 9, one more than 8.
test.each([
  [[9, 8], "same", [1, 0, 1, 1]],
  [[9, 8], 2, [2, 2, 2, 2]],
  [
    [9, 8],
    [1, 2],
    [1, 2, 1, 2],
  ],
  [
    [9, 8],
    [0, 1, 2, 3],
    [0, 1, 2, 3],
  ],
] as const)("an image of %j with padding %j gets %j zeros at the top, left, bottom and right", (size, padding, pads) => {
  const x = new GraphBuilder().input("x", "float32", ["batch", 3, ...size]);
  expect(windowAttributes(x, 3, 2, padding)).toEqual({ kernel_shape: [3, 3], strides: [2, 2], pads });
});

test("the error for padding by the size of an image says if that is unknown", () => {
  const x = new GraphBuilder().input("x", "float32", ["batch", 3, "height", 8]);
  expect(() => windowAttributes(x, 3, 2, "same")).toThrow("x [batch,3,height,8] has no fixed size along axis 2");
});

test("a layer whose input has no fixed number of channels says so", () => {
  const graph = new GraphBuilder();
  expect(() => linear(trainingScope(graph), "fc", graph.input("x", "float32", ["batch", "width"]), 2)).toThrow(
    "x [batch,width] has no fixed number of channels",
  );
});
