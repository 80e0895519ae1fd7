// The gradient rule of layer-norm.ts against finite differences.

import { expect, test } from "vitest";
import { expectGradients, randomTensor } from "../../../test/check-gradient.ts";
import { differentiate } from "../backward.ts";
import { GraphBuilder } from "../builder.ts";
import { float, type Value } from "../types.ts";

test.each([
  [[4, 6], -1],
  [[2, 3, 5], -1],
  [[2, 3, 4], 1],
])("the gradients of layer normalisation of %j from axis %d on agree with differences", async (shape, axis) => {
  const normalised = shape.slice(axis);
  const inputs = {
    x: randomTensor(shape, "x", -2, 2),
    scale: randomTensor(normalised, "scale", 0.5, 2),
    shift: randomTensor(normalised, "shift"),
  };
  await expectGradients(inputs, (graph, { x, scale, shift }) =>
    graph.add("LayerNormalization", [x, scale, shift], { axis, epsilon: float(1e-3) }),
  );
});

test("layer normalisation without a shift has gradients too", async () => {
  const inputs = { x: randomTensor([3, 6], "x", -2, 2), scale: randomTensor([6], "scale", 0.5, 2) };
  await expectGradients(inputs, (graph, { x, scale }) => graph.add("LayerNormalization", [x, scale]));
});

test("the gradient does not pass through the statistics", () => {
  const graph = new GraphBuilder();
  const x = graph.input("x", "float32", [3, 6]);
  const outputs = graph.addMany("LayerNormalization", [x, graph.input("scale", "float32", [6])], {}, 2);
  const loss = graph.add("ReduceSum", [outputs[1] as Value], { keepdims: 0 });
  expect(() => differentiate(graph, loss, [x])).toThrow("does not pass through the statistics");
});
