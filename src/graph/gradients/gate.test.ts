// The gradient rules of gate.ts against finite differences, and against values computed by hand at kinks.

import { expect, test } from "vitest";
import { distinctTensor, expectGradients, gradientsOf, randomTensor } from "../../../test/check-gradient.ts";
import { float32 } from "../../core/tensor.ts";
import { float } from "../types.ts";

test.each(["Erf", "Tanh", "Gelu"])("the gradient of %s agrees with differences", async (op) => {
  await expectGradients({ x: randomTensor([3, 5], op, -2.5, 2.5) }, (graph, { x }) => graph.add(op, [x]));
});

test("the gradient of GELU approximated by tanh agrees with differences", async () => {
  await expectGradients({ x: randomTensor([3, 5], "gelu", -2.5, 2.5) }, (graph, { x }) => graph.add("Gelu", [x], { approximate: "tanh" }));
});

test.each(["HardSwish", "LeakyRelu", "Elu"])("the gradient of %s agrees with differences, also beyond its kinks", async (op) => {
  await expectGradients({ x: distinctTensor([9, 11], op, 0.1) }, (graph, { x }) => graph.add(op, [x]));
});

test("the gradients of PRelu agree with differences for a slope per channel", async () => {
  const inputs = { x: distinctTensor([2, 3, 4], "prelu"), slope: randomTensor([3, 1], "slope") };
  await expectGradients(inputs, (graph, { x, slope }) => graph.add("PRelu", [x, slope]));
});

test("the slopes of LeakyRelu and Elu are the node's", async () => {
  await expectGradients({ x: distinctTensor([4, 5], "slopes") }, (graph, { x }) => {
    const bent = graph.add("LeakyRelu", [x], { alpha: float(0.3) });
    return graph.add("Add", [bent, graph.add("Elu", [x], { alpha: float(0.5) })]);
  });
});

test("the gradient of HardSigmoid is alpha between its ends, and 0 at them and beyond, as in PyTorch", async () => {
  const x = float32([-4, -3, -2.5, 0, 2.5, 3, 4]);
  const attributes = { alpha: float(1 / 6), beta: float(0.5) };
  const { gradients } = await gradientsOf({ x }, (graph, { x }) => graph.add("HardSigmoid", [x], attributes), float32(Array(7).fill(6)));
  expect(gradients.x).toBeAllClose(float32([0, 0, 1, 1, 1, 0, 0]), 1e-6);
});
