// The gradient rules of elementwise.ts against finite differences, and against values computed by hand at kinks and ties.

import fc from "fast-check";
import { expect, test } from "vitest";
import { distinctTensor, expectGradients, gradientsOf, randomTensor } from "../../../test/check-gradient.ts";
import { float32 } from "../../core/tensor.ts";

const SHAPES: readonly (readonly [readonly number[], readonly number[]])[] = [
  [
    [2, 3],
    [2, 3],
  ],
  [[2, 3], [3]],
  [[3], [2, 3]],
  [
    [2, 1, 3],
    [4, 1],
  ],
  [[2, 3], []],
  [
    [1, 1],
    [2, 3],
  ],
];
const shapes = fc.constantFrom(...SHAPES);

test.each(["Add", "Sub", "Mul", "Div"])("the gradients of %s agree with differences under broadcasting", async (op) => {
  await fc.assert(
    fc.asyncProperty(shapes, async ([a, b]) => {
      await expectGradients({ a: randomTensor(a, "a"), b: randomTensor(b, "b", 1, 2) }, (graph, { a, b }) => graph.add(op, [a, b]));
    }),
    { numRuns: 6 },
  );
});

test.each([
  ["Neg", -1, 1],
  ["Identity", -1, 1],
  ["Exp", -1, 1],
  ["Log", 0.5, 2],
  ["Sqrt", 0.5, 2],
  ["Reciprocal", 0.6, 2],
] as const)("the gradient of %s agrees with differences", async (op, low, high) => {
  await expectGradients({ x: randomTensor([3, 4], op, low, high) }, (graph, { x }) => graph.add(op, [x]));
});

test.each([2, 3, 0.5, -1, 1])("the gradient of a power of %d agrees with differences", async (exponent) => {
  await expectGradients({ x: randomTensor([3, 4], "x", 0.6, 1.5) }, (graph, { x }) => graph.add("Pow", [x, graph.scalar(exponent)]));
});

test("a power with a computed exponent cannot be differentiated", async () => {
  const inputs = { x: randomTensor([2], "x", 1, 2), p: randomTensor([2], "p") };
  await expect(gradientsOf(inputs, (graph, { x, p }) => graph.add("Pow", [x, p]))).rejects.toThrow(
    /The gradient of operator Pow \(node "Pow_\d+"\) needs a constant scalar exponent/,
  );
});

test("the gradient of Abs agrees with differences, and is 0 at 0", async () => {
  await expectGradients({ x: distinctTensor([3, 4], "abs") }, (graph, { x }) => graph.add("Abs", [x]));
  const { gradients } = await gradientsOf({ x: float32([-2, 0, 3]) }, (graph, { x }) => graph.add("Abs", [x]), float32([1, 1, 1]));
  expect([...(gradients.x?.data ?? [])]).toEqual([-1, 0, 1]);
});

test.each(["Min", "Max"])("the gradients of %s agree with differences under broadcasting, and equal operands share them", async (op) => {
  const inputs = { a: distinctTensor([2, 3], "a"), b: randomTensor([3], "b", 0.1, 0.105) };
  await expectGradients(inputs, (graph, { a, b }) => graph.add(op, [a, b]));
  const { gradients } = await gradientsOf(
    { a: float32([1, 2]), b: float32([1, 5]) },
    (graph, { a, b }) => graph.add(op, [a, b]),
    float32([1, 1]),
  );
  expect([...(gradients.a?.data ?? [])]).toEqual([0.5, op === "Min" ? 1 : 0]);
});

test("Where passes the gradient to the chosen side", async () => {
  const inputs = { a: randomTensor([2, 3], "a"), b: randomTensor([3], "b"), c: distinctTensor([2, 1], "c") };
  await expectGradients(inputs, (graph, { a, b, c }) => graph.add("Where", [graph.add("Greater", [c, graph.scalar(0)]), a, b]));
});

test("Sum passes the gradient to every operand, and casts pass it on", async () => {
  const inputs = { a: randomTensor([2, 3], "a"), b: randomTensor([3], "b"), c: randomTensor([2, 1], "c") };
  await expectGradients(inputs, (graph, { a, b, c }) => graph.add("Sum", [a, graph.add("Cast", [b], { to: 1 }), c]));
});

test("a cast to integers stops the gradient", async () => {
  const { gradients } = await gradientsOf({ x: float32([1.5, 2.5]) }, (graph, { x }) =>
    graph.add("Cast", [graph.add("Cast", [x], { to: 7 })], { to: 1 }),
  );
  expect([...(gradients.x?.data ?? [])]).toEqual([0, 0]);
});
