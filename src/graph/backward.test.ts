// The walk back from the loss: sums if a value is used twice, zeros if it is unused, and errors that name the node.

import { expect, test } from "vitest";
import { expectGradients, gradientsOf, randomTensor } from "../../test/check-gradient.ts";
import { float32, full, type Tensor } from "../core/tensor.ts";
import { openSession } from "../runtime/session.ts";
import { backward, differentiate } from "./backward.ts";
import { GraphBuilder } from "./builder.ts";

test("a value used in several places gets the sum of their gradients", async () => {
  await expectGradients({ x: randomTensor([2, 3], "x") }, (graph, { x }) => {
    const shared = graph.add("Exp", [x]);
    return graph.add("Add", [graph.add("Mul", [shared, shared]), graph.add("Sub", [shared, x])]);
  });
});

test("backward keeps the outputs and adds a gradient for each name, zeros if the loss does not depend on it", async () => {
  const builder = new GraphBuilder();
  const [a, b] = [builder.input("a", "float32", [2]), builder.input("b", "float32", [3])];
  const loss = builder.add("ReduceSum", [builder.add("Mul", [a, a])], { keepdims: 0 });
  const graph = backward(builder.build({ loss, twice: builder.add("Add", [b, b]) }), "loss", ["a", "b"]);
  expect(graph.outputs.map(({ name, shape }) => [name, shape])).toEqual([
    ["loss", []],
    ["twice", [3]],
    ["a.gradient", [2]],
    ["b.gradient", [3]],
  ]);
  const session = await openSession(graph);
  const results = await session.run({ a: float32([1, -3]), b: float32([5, 6, 7]) });
  await session.release();
  expect([...(results["a.gradient"]?.data ?? [])]).toEqual([2, -6]);
  expect([...(results["b.gradient"]?.data ?? [])]).toEqual([0, 0, 0]);
});

test("the loss itself has gradient 1, and a value inside the graph can be differentiated by", () => {
  const builder = new GraphBuilder();
  const x = builder.input("x", "float32", []);
  const loss = builder.add("Exp", [x]);
  const [own, inner] = differentiate(builder, loss, [loss, x]);
  expect(own?.shape).toEqual([]);
  expect(inner?.shape).toEqual([]);
});

test("the batch may be symbolic if no rule needs its size", async () => {
  const builder = new GraphBuilder();
  const x = builder.input("x", "float32", ["batch", 1, 4, 4]);
  const weight = builder.input("weight", "float32", [2, 1, 3, 3]);
  const head = builder.input("head", "float32", [8, 3]);
  const features = builder.add("MaxPool", [builder.add("Relu", [builder.add("Conv", [x, weight], { pads: [1, 1, 1, 1] })])], {
    kernel_shape: [2, 2],
    strides: [2, 2],
  });
  const logits = builder.add("MatMul", [builder.add("Flatten", [features]), head]);
  const loss = builder.add("Mul", [
    builder.add("MatMul", [
      builder.input("ones", "float32", [1, "batch"]),
      builder.add("MatMul", [logits, builder.constant(full([3, 1], 1))]),
    ]),
    builder.scalar(1),
  ]);
  const [gradient] = differentiate(builder, loss, [head]);
  const session = await openSession(builder.build({ gradient: gradient ?? head }));
  for (const batch of [1, 3]) {
    const results = await session.run({
      x: full([batch, 1, 4, 4], 1),
      weight: full([2, 1, 3, 3], 1),
      head: full([8, 3], 1),
      ones: full([1, batch], 1),
    });
    expect(results.gradient).toBeAllClose(full([8, 3], 9 * batch), 1e-6);
  }
  await session.release();
});

test("the error for a reduction over a symbolic size says that it must be bound", () => {
  const builder = new GraphBuilder();
  const x = builder.input("x", "float32", ["batch", 2]);
  const loss = builder.add("ReduceMean", [x], { keepdims: 0 });
  expect(() => differentiate(builder, loss, [x])).toThrow(/ReduceMean .* needs the size of the symbolic dimension "batch": bind it first/);
});

test("a loss that is not a scalar is refused", () => {
  const builder = new GraphBuilder();
  const x = builder.input("x", "float32", [2]);
  expect(() => differentiate(builder, builder.add("Exp", [x]), [x])).toThrow("must be a scalar, but its shape is [2]");
});

test("the error for an operator without a rule names it and its node", () => {
  const builder = new GraphBuilder();
  const x = builder.input("x", "float32", []);
  const loss = builder.add("Floor", [x], {}, { name: "head.floor" });
  expect(() => differentiate(builder, loss, [x])).toThrow(
    /^Operator Floor \(node "head.floor"\) has no gradient rule, .*; there are rules for Abs, Add, /,
  );
});

test("an operator without a rule does no harm if its gradient is not requested", async () => {
  const { gradients } = await gradientsOf(
    { x: float32([1, 2]) },
    (graph, { x }) => graph.add("Mul", [x, graph.add("Floor", [graph.constant(float32([0.5, 3]))])]),
    float32([1, 1]),
  );
  expect(gradients.x as Tensor).toBeAllClose([0, 3], 1e-4);
});

test("gradients that are not requested are not computed", () => {
  const builder = new GraphBuilder();
  const [a, b] = [builder.input("a", "float32", [2, 3]), builder.input("b", "float32", [3, 2])];
  const loss = builder.add("ReduceSum", [builder.add("MatMul", [a, b])], { keepdims: 0 });
  const products = (wrt: (typeof a)[]): number => {
    const graph = GraphBuilder.from(builder.build({ loss }));
    differentiate(graph, graph.value("loss"), wrt);
    return graph.nodes.filter((node) => node.op === "FusedMatMul").length;
  };
  expect(products([a])).toBe(1);
  expect(products([a, b])).toBe(2);
});
