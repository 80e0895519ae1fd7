// The builder: what it shares, names and omits, and where a wrong shape fails.

import { expect, test } from "vitest";
import { float32, full, int64 } from "../core/tensor.ts";
import { GraphBuilder } from "./builder.ts";
import { float } from "./types.ts";

test("equal nodes are built once, whatever the order of their attributes", () => {
  const graph = new GraphBuilder();
  const [x, w] = [graph.input("x", "float32", [1, 2, 5, 5]), graph.input("w", "float32", [2, 2, 3, 3])];
  const first = graph.add("Conv", [x, w], { strides: [2, 2], group: 1 });
  expect(graph.add("Conv", [x, w], { group: 1, strides: [2, 2] })).toEqual(first);
  expect(graph.add("Conv", [x, w], { group: 1, strides: [1, 1] }).name).not.toBe(first.name);
  expect(graph.nodes).toHaveLength(2);
});

test("equal small constants are built once, also after reading a graph back; 0 and −0, and different types, are distinct", () => {
  const graph = new GraphBuilder();
  expect(graph.scalar(2)).toEqual(graph.scalar(2));
  expect(graph.scalar(0).name).not.toBe(graph.scalar(-0).name);
  expect(graph.ints([1]).name).not.toBe(graph.constant(float32([1])).name);
  const x = graph.input("x", "float32", [2]);
  const built = graph.build({ y: graph.add("Add", [x, graph.constant(float32([1, 2]), "offset")]) });
  expect(GraphBuilder.from(built).constant(float32([1, 2])).name).toBe("offset");
});

test("a node's name becomes its value's name, and a second node with that name gets another", () => {
  const graph = new GraphBuilder();
  const x = graph.input("x", "float32", [2]);
  expect(graph.add("Exp", [x], {}, { name: "layer" }).name).toBe("layer");
  expect(graph.add("Neg", [x], {}, { name: "layer" }).name).not.toBe("layer");
});

test("a name can be used only once", () => {
  const graph = new GraphBuilder();
  const x = graph.input("x", "float32", [2]);
  expect(() => graph.input("x", "float32", [2])).toThrow('Expected a name that is not taken yet for a graph value but received "x"');
  const y = graph.add("Exp", [x]);
  expect(() => graph.build({ x: y })).toThrow('Expected a name that is not taken yet for an output of the graph but received "x"');
});

test("build names the outputs at the nodes that compute them, and omits what they do not need", () => {
  const graph = new GraphBuilder();
  const x = graph.input("x", "float32", [2]);
  graph.input("unused", "float32", [3]);
  const inner = graph.add("Exp", [x]);
  graph.add("Neg", [graph.add("Add", [x, graph.constant(full([2], 7), "gone")])]);
  const built = graph.build({ inner, y: graph.add("Neg", [inner]) });
  expect(built.nodes.map(({ op, inputs, outputs }) => [op, inputs, outputs])).toEqual([
    ["Exp", ["x"], ["inner"]],
    ["Neg", ["inner"], ["y"]],
  ]);
  expect(built.inputs.map((input) => input.name)).toEqual(["x", "unused"]);
  expect(built.constants.size).toBe(0);
  expect([...built.types.keys()].sort()).toEqual(["inner", "unused", "x", "y"]);
});

test("a value can be two outputs, an input can be an output, and a graph can be built twice", () => {
  const graph = new GraphBuilder();
  const x = graph.input("x", "float32", [2]);
  const y = graph.add("Exp", [x]);
  const built = graph.build({ a: y, b: y, same: x });
  expect(built.outputs.map((output) => output.name)).toEqual(["a", "b", "same"]);
  expect(built.nodes.map((node) => node.op).sort()).toEqual(["Exp", "Identity", "Identity"]);
  expect(graph.build({ a: y }).nodes).toHaveLength(1);
});

test("a wrong shape fails at the node that causes it, naming its inputs", () => {
  const graph = new GraphBuilder();
  const x = graph.input("x", "float32", [2, 3]);
  expect(() => graph.add("MatMul", [x, x], {}, { name: "product" })).toThrow(
    /Operator MatMul \(node "product"\) cannot multiply \[2,3\] with \[2,3\]; its inputs are x float32\[2,3\]/,
  );
});

test("comparing nodes includes tensors in attributes", () => {
  const graph = new GraphBuilder();
  const shape = graph.constant(int64([2]), "shape");
  const fill = (value: number) => graph.add("ConstantOfShape", [shape], { value: { kind: "tensor", value: float32([value]) } });
  expect(fill(1).name).not.toBe(fill(2).name);
  expect(graph.add("Elu", [fill(1)], { alpha: float(1) }).name).not.toBe(graph.add("Elu", [fill(1)], { alpha: float(2) }).name);
});

test("a reserved name is not given to a value that is added without one", () => {
  const graph = new GraphBuilder();
  graph.reserve(["Exp_0"]);
  expect(graph.add("Exp", [graph.input("x", "float32", [2])]).name).toBe("Exp_1");
});
