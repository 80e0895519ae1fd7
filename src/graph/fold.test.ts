// Folding batch norm: the same outputs from fewer operators, and nodes that must stay are left alone.

import fc from "fast-check";
import { expect, test } from "vitest";
import { randomTensor } from "../../test/check-gradient.ts";
import { float32, full, type Tensor } from "../core/tensor.ts";
import { openSession } from "../runtime/session.ts";
import { GraphBuilder } from "./builder.ts";
import { foldBatchNorm, foldIntoProducts } from "./fold.ts";
import { float, type Graph, type Value } from "./types.ts";

function normalise(graph: GraphBuilder, x: Value, name: string): Value {
  const channels = x.shape[1] as number;
  const parameters = [
    ["scale", 0.5, 2],
    ["shift", -1, 1],
    ["mean", -1, 1],
    ["variance", 0.5, 2],
  ] as const;
  const values = parameters.map(([kind, low, high]) => graph.constant(randomTensor([channels], kind, low, high), `${name}.${kind}`));
  return graph.add("BatchNormalization", [x, ...values], { epsilon: float(1e-3) }, { name });
}

const operators = (graph: Graph): string[] => graph.nodes.map((node) => node.op);

/** The output "y" of each graph. */
const outputsOf = (graphs: readonly Graph[], feeds: Record<string, Tensor>): Promise<readonly Tensor[]> =>
  Promise.all(
    graphs.map(async (each) => {
      const session = await openSession(each, { threads: 1 });
      const { y } = await session.run(feeds);
      await session.release();
      return y as Tensor;
    }),
  );

test("a folded convolution computes the same as convolution and batch norm", async () => {
  const convolution = fc.record({ group: fc.constantFrom(1, 2, 4), bias: fc.boolean(), stride: fc.integer({ min: 1, max: 2 }) });
  await fc.assert(
    fc.asyncProperty(convolution, async ({ group, bias, stride }) => {
      const graph = new GraphBuilder();
      const x = graph.input("x", "float32", ["batch", 4, 6, 6]);
      const parameters = [
        graph.constant(randomTensor([8, 4 / group, 3, 3], "w")),
        bias ? graph.constant(randomTensor([8], "b")) : undefined,
      ];
      const y = normalise(graph, graph.add("Conv", [x, ...parameters], { group, strides: [stride, stride] }, { name: "conv" }), "norm");
      const plain = graph.build({ y: graph.add("Relu", [y]) });
      const folded = foldBatchNorm(plain);
      expect(operators(folded)).toEqual(["Conv", "Relu"]);
      const feeds = { x: randomTensor([2, 4, 6, 6], "image", -3, 3) };
      const [before, after] = await outputsOf([plain, folded], feeds);
      expect(after).toBeAllClose(before as Tensor, 1e-5);
    }),
    { numRuns: 8 },
  );
});

test("the folded graph keeps the names of its outputs", () => {
  const graph = new GraphBuilder();
  const conv = graph.add("Conv", [graph.input("x", "float32", [1, 1, 3, 3]), graph.constant(full([2, 1, 3, 3], 1))]);
  expect(foldBatchNorm(graph.build({ features: normalise(graph, conv, "norm") })).outputs.map((output) => output.name)).toEqual([
    "features",
  ]);
});

test("a convolution whose output is also used elsewhere stays, and so do trained weights and training mode", () => {
  const graph = new GraphBuilder();
  const x = graph.input("x", "float32", [1, 1, 3, 3]);
  const constant = graph.add("Conv", [x, graph.constant(full([2, 1, 3, 3], 1))], {}, { name: "used twice" });
  const trained = graph.add("Conv", [x, graph.input("w", "float32", [2, 1, 3, 3])], {}, { name: "trained" });
  const alone = graph.add("Conv", [x, graph.constant(full([2, 1, 3, 3], 2))], {}, { name: "before training" });
  const ones = graph.constant(float32([1, 1]));
  const training = graph.add("BatchNormalization", [alone, ones, ones, ones, ones], { training_mode: 1 });
  const built = graph.build({ constant, a: normalise(graph, constant, "a"), b: normalise(graph, trained, "b"), training });
  expect(operators(foldBatchNorm(built))).toEqual(operators(built));
});

test.each([true, false])("a folded product computes the same as batch norm and product; with a bias: %s", async (bias) => {
  const graph = new GraphBuilder();
  const x = graph.input("x", "float32", ["batch", 5]);
  const parameters = [graph.constant(randomTensor([3, 5], "w"), "w"), bias ? graph.constant(randomTensor([3], "b")) : undefined];
  const product = graph.add("Gemm", [normalise(graph, graph.add("Relu", [x]), "norm"), ...parameters], { transB: 1 }, { name: "product" });
  const plain = graph.build({ y: graph.add("Relu", [product]) });
  const folded = foldIntoProducts(plain);
  expect(operators(folded)).toEqual(["Relu", "Gemm", "Relu"]);
  expect(folded.constants.has("w")).toBe(false);
  const [before, after] = await outputsOf([plain, folded], { x: randomTensor([4, 5], "rows", -3, 3) });
  expect(after).toBeAllClose(before as Tensor, 1e-5);
});

test("batch norm whose output is also used elsewhere stays before its product, and so do trained weights and other products", () => {
  const graph = new GraphBuilder();
  const x = graph.input("x", "float32", ["batch", 4]);
  const square = graph.constant(randomTensor([4, 4], "w"));
  const twice = normalise(graph, x, "used twice");
  const results = {
    twice,
    y: graph.add("Gemm", [twice, square], { transB: 1 }),
    trained: graph.add("Gemm", [normalise(graph, x, "before trained"), graph.input("w", "float32", [4, 4])], { transB: 1 }),
    across: graph.add("Gemm", [normalise(graph, x, "before across"), square]),
    scaled: graph.add("Gemm", [normalise(graph, x, "before scaled"), square], { transB: 1, alpha: float(2) }),
  };
  const built = graph.build(results);
  expect(operators(foldIntoProducts(built))).toEqual(operators(built));
});
