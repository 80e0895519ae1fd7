// The rewritten operators give what the others give.

import { expect, test } from "vitest";
import { imageBatch } from "../../test/reference/formula.ts";
import type { Tensor } from "../core/tensor.ts";
import { openSession } from "../runtime/session.ts";
import { GraphBuilder } from "./builder.ts";
import { product } from "./product.ts";
import type { Graph, Value } from "./types.ts";
import { forWebGpu } from "./webgpu.ts";

const input = (graph: GraphBuilder, name: string, shape: readonly number[]): Value => graph.input(name, "float32", shape);

const cases: readonly [string, (graph: GraphBuilder) => Value][] = [
  [
    "a product of transposed matrices",
    (graph) => product(graph, input(graph, "a", [4, 3]), input(graph, "b", [5, 4]), { transA: true, transB: true }),
  ],
  ["a scaled product", (graph) => product(graph, input(graph, "a", [3, 4]), input(graph, "b", [5, 4]), { transB: true, alpha: 0.5 })],
  [
    "a scaled product of stacks",
    (graph) => product(graph, input(graph, "a", [2, 3, 4]), input(graph, "b", [2, 5, 4]), { transB: true, alpha: 0.5 }),
  ],
  [
    "a product of a stack with a matrix",
    (graph) => product(graph, input(graph, "a", [2, 4, 3]), input(graph, "b", [4, 5]), { transA: true }),
  ],
  [
    "the logarithm of softmax",
    (graph) => graph.add("LogSoftmax", [graph.add("Mul", [input(graph, "a", [3, 4]), graph.scalar(300)])], { axis: 1 }),
  ],
  [
    "a sum of three",
    (graph) =>
      graph.add(
        "Sum",
        ["a", "b", "c"].map((name) => input(graph, name, [2, 3])),
      ),
  ],
];

test.each(cases)("%s is the same in operators of WebGPU", async (name, build) => {
  const graph = new GraphBuilder();
  const built = graph.build({ y: build(graph) });
  const rewritten = forWebGpu(built);
  const operators = rewritten.nodes.map(({ op }) => op);
  expect(operators).not.toContain("FusedMatMul");
  expect(operators).not.toContain("LogSoftmax");
  expect(operators).not.toContain("Sum");
  expect(await outputOf(rewritten, name)).toBeAllClose((await outputOf(built, name)).data as Float32Array, 1e-5);
});

async function outputOf(graph: Graph, key: string): Promise<Tensor> {
  const session = await openSession(graph);
  const feeds = graph.inputs.map((value) => [value.name, imageBatch(`${key} ${value.name}`, value.shape as number[])]);
  const { y } = await session.run(Object.fromEntries(feeds));
  await session.release();
  return y as Tensor;
}
