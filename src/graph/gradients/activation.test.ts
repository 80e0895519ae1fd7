// The gradient rules of activation.ts against finite differences, and against values computed by hand at kinks and ties.

import { expect, test } from "vitest";
import { distinctTensor, expectGradients, gradientsOf, randomTensor } from "../../../test/check-gradient.ts";
import { float32 } from "../../core/tensor.ts";
import { float } from "../types.ts";

test("the gradient of Relu agrees with differences, and is 0 at 0", async () => {
  await expectGradients({ x: distinctTensor([3, 4], "relu") }, (graph, { x }) => graph.add("Relu", [x]));
  const { gradients } = await gradientsOf(
    { x: float32([-1, 0, 1e-30, 2]) },
    (graph, { x }) => graph.add("Relu", [x]),
    float32([5, 5, 5, 5]),
  );
  expect([...(gradients.x?.data ?? [])]).toEqual([0, 0, 5, 5]);
});

test.each([
  ["both bounds", -0.3, 0.3],
  ["only a minimum", -0.3, undefined],
  ["only a maximum", undefined, 0.3],
  ["no bounds", undefined, undefined],
])("the gradient of Clip with %s agrees with differences", async (_, low, high) => {
  await expectGradients({ x: distinctTensor([4, 5], "clip", 0.08) }, (graph, { x }) =>
    graph.add("Clip", [x, low === undefined ? undefined : graph.scalar(low), high === undefined ? undefined : graph.scalar(high)]),
  );
});

test("the gradient of ReLU6 is 0 at its bounds and beyond, and 1 between them however near, as in PyTorch's hardtanh", async () => {
  const x = float32([-1, 0, 1e-30, 3, 5.9999995, 6, 7]);
  const { gradients } = await gradientsOf(
    { x },
    (graph, { x }) => graph.add("Clip", [x, graph.scalar(0), graph.scalar(6)]),
    float32(Array(7).fill(2)),
  );
  expect([...(gradients.x?.data ?? [])]).toEqual([0, 0, 2, 2, 2, 0, 0]);
});

test("Clip also accepts its bounds as attributes, as in files before opset 11", async () => {
  const { differentiate } = await import("../backward.ts");
  const { GraphBuilder } = await import("../builder.ts");
  const graph = new GraphBuilder();
  const x = graph.input("x", "float32", [3]);
  const y = graph.add("Clip", [x], { min: float(-6), max: float(6) });
  const [gradient] = differentiate(graph, graph.add("ReduceSum", [y], { keepdims: 0 }), [x]);
  const names = graph.build({ gradient: gradient as typeof x }).nodes.map((node) => node.op);
  expect(names.filter((op) => op === "Sub")).toHaveLength(2);
});

test.each(["Sigmoid", "Softplus"])("the gradient of %s agrees with differences", async (op) => {
  await expectGradients({ x: randomTensor([3, 4], op, -3, 3) }, (graph, { x }) => graph.add(op, [x]));
});

test.each([
  ["Softmax", -1],
  ["Softmax", 1],
  ["LogSoftmax", 0],
  ["LogSoftmax", 2],
] as const)("the gradient of %s over axis %d agrees with differences", async (op, axis) => {
  await expectGradients({ x: randomTensor([3, 4, 2], op, -2, 2) }, (graph, { x }) => graph.add(op, [x], { axis }));
});
