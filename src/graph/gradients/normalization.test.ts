// The gradient rules of normalization.ts against finite differences, and special cases by hand.

import { expect, test } from "vitest";
import { expectGradients, gradientsOf, randomTensor } from "../../../test/check-gradient.ts";
import { float32 } from "../../core/tensor.ts";
import { openSession } from "../../runtime/session.ts";
import { differentiate } from "../backward.ts";
import { batchStatistics } from "../batch-norm.ts";
import { GraphBuilder } from "../builder.ts";
import { lower } from "../lower.ts";
import { float, type Graph, type Value } from "../types.ts";

const CHANNELS = 3;
const statistics = { scale: randomTensor([CHANNELS], "scale", 0.5, 2), shift: randomTensor([CHANNELS], "shift") };

test.each([[[4, CHANNELS, 3, 2]], [[6, CHANNELS]]])(
  "the gradients of batch normalisation while training agree with differences for %j",
  async (shape) => {
    await expectGradients({ x: randomTensor(shape, "x", -2, 2), ...statistics }, (graph, { x, scale, shift }) => {
      const running = graph.constant(float32([0, 0, 0]));
      return graph.add("BatchNormalization", [x, scale, shift, running, running], { training_mode: 1, epsilon: float(1e-3) });
    });
  },
);

test.each([[[2, CHANNELS, 3, 2]], [[4, CHANNELS]]])(
  "the gradients of batch normalisation at inference agree with differences for %j",
  async (shape) => {
    const inputs = {
      x: randomTensor(shape, "x"),
      ...statistics,
      mean: randomTensor([CHANNELS], "mean"),
      variance: randomTensor([CHANNELS], "variance", 0.5, 2),
    };
    await expectGradients(inputs, (graph, { x, scale, shift, mean, variance }) =>
      graph.add("BatchNormalization", [x, scale, shift, mean, variance]),
    );
  },
);

function normalisation(shape: readonly number[], count: number): { graph: GraphBuilder; outputs: readonly Value[]; x: Value } {
  const graph = new GraphBuilder();
  const x = graph.input("x", "float32", shape);
  const parameters = ["scale", "shift", "mean", "variance"].map((name) => graph.input(name, "float32", [shape[1] as number]));
  const outputs = graph.addMany(
    "BatchNormalization",
    [x, ...parameters],
    { training_mode: 1, momentum: float(0.75), epsilon: float(1e-5) },
    count,
  );
  return { graph, outputs, x };
}

test("the lowered node computes ONNX's outputs: normalised values and running statistics with the biased variance", async () => {
  const { graph, outputs } = normalisation([2, 1, 1, 2], 3);
  const session = await openSession(
    graph.build({ y: outputs[0] as Value, newMean: outputs[1] as Value, newVariance: outputs[2] as Value }),
  );
  const feeds = {
    x: float32([1, 3, 5, 7], [2, 1, 1, 2]),
    scale: float32([2]),
    shift: float32([1]),
    mean: float32([8]),
    variance: float32([1]),
  };
  const results = await session.run(feeds);
  await session.release();
  const std = Math.sqrt(5 + 1e-5);
  expect(results.y).toBeAllClose([1 - 6 / std, 1 - 2 / std, 1 + 2 / std, 1 + 6 / std], 1e-6);
  expect(results.newMean).toBeAllClose([0.75 * 8 + 0.25 * 4], 1e-6);
  expect(results.newVariance).toBeAllClose([0.75 * 1 + 0.25 * 5], 1e-6);
});

test("the variance keeps its precision if the mean is large relative to it", async () => {
  const graph = new GraphBuilder();
  const { variance } = batchStatistics(graph, graph.input("x", "float32", [4, 1]), 0);
  const session = await openSession(graph.build({ variance }));
  const { variance: found } = await session.run({ x: float32([10_000, 10_001, 10_002, 10_003], [4, 1]) });
  await session.release();
  expect(found).toBeAllClose([1.25], 1e-6);
});

test("forward and backward share the statistics in the lowered graph", () => {
  const { graph, outputs, x } = normalisation([4, 3, 5, 5], 1);
  const y = outputs[0] as Value;
  const loss = graph.add("ReduceSum", [graph.add("Mul", [y, y])], { keepdims: 0 });
  const [gradient] = differentiate(graph, loss, [x]);
  const built = graph.build({ loss, gradient: gradient as Value });
  const once = lower(built);
  expect(count(once, "Sub"), "x − mean").toBe(1);
  expect(count(once, "ReduceMean"), "the mean").toBe(1);
  expect(count(once, "Sqrt")).toBe(1);
  const again = GraphBuilder.from(built);
  const readBack = lower(again.build({ loss: again.value("loss"), gradient: again.value("gradient") }));
  expect(readBack.nodes).toHaveLength(once.nodes.length);
});

function count(graph: Graph, op: string): number {
  return graph.nodes.filter((node) => node.op === op).length;
}

test("the gradient does not pass through the running statistics", () => {
  const { graph, outputs, x } = normalisation([4, 3], 3);
  const loss = graph.add("ReduceSum", [outputs[1]], { keepdims: 0 });
  expect(() => differentiate(graph, loss, [x])).toThrow(
    /The gradient of operator BatchNormalization .* does not pass through the running statistics/,
  );
});

test("a constant channel gets no gradient", async () => {
  const x = float32([2, 2, 2, 2], [4, 1]);
  const { gradients } = await gradientsOf(
    { x },
    (graph, { x }) => {
      const one = graph.constant(float32([1]));
      return graph.add("BatchNormalization", [x, one, one, one, one], { training_mode: 1 });
    },
    float32([1, 1, 1, 1], [4, 1]),
  );
  expect(Array.from(gradients.x?.data as Float32Array, Math.abs)).toEqual([0, 0, 0, 0]);
});
