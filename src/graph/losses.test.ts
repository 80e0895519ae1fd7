// Losses: values computed by hand, stability, and gradients.

import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { distinctTensor, expectGradients, gradientsOf, randomTensor } from "../../test/check-gradient.ts";
import { float32, type Tensor } from "../core/tensor.ts";
import { openSession } from "../runtime/session.ts";
import { GraphBuilder } from "./builder.ts";
import { binaryCrossEntropy, type CrossEntropyOptions, type Loss, l1, meanSquaredError, softmaxCrossEntropy } from "./losses.ts";
import type { Value } from "./types.ts";

type LossFunction = (graph: GraphBuilder, prediction: Value, target: Value) => Loss;

async function evaluate(lossOf: LossFunction, prediction: Tensor, target: Tensor): Promise<Record<string, Tensor>> {
  const graph = new GraphBuilder();
  const inputs = [prediction, target].map(({ shape }, i) => graph.input(["prediction", "target"][i] as string, "float32", shape)) as [
    Value,
    Value,
  ];
  const session = await openSession(graph.build({ ...lossOf(graph, ...inputs) }));
  const results = await session.run({ prediction, target });
  await session.release();
  return results;
}

const LOSSES: readonly (readonly [string, LossFunction])[] = [
  ["softmaxCrossEntropy", softmaxCrossEntropy],
  ["binaryCrossEntropy", binaryCrossEntropy],
  ["l1", l1],
  ["meanSquaredError", meanSquaredError],
];

test.each(LOSSES)("the gradients of %s agree with differences", async (_, lossOf) => {
  await expectGradients(
    { x: distinctTensor([3, 4], "logits"), t: randomTensor([3, 4], "targets", 10, 11) },
    (graph, { x, t }) => lossOf(graph, x as Value, t as Value).loss,
  );
});

test("softmax cross-entropy is −log of the target's probability, the mean over the batch, and stays finite for large logits", async () => {
  const { loss, perItem } = await evaluate(softmaxCrossEntropy, float32([0, 0, 1000, 0], [2, 2]), float32([0.5, 0.5, 0, 1], [2, 2]));
  expect(perItem).toBeAllClose([Math.log(2), 1000], 1e-6);
  expect(loss?.shape).toEqual([]);
  expect(loss).toBeAllClose([(Math.log(2) + 1000) / 2], 1e-6);
});

test("the gradient of softmax cross-entropy is (softmax − target) / batch", async () => {
  const target = float32([1, 0, 0.25, 0.75], [2, 2]);
  const { gradients } = await gradientsOf(
    { x: float32([0, 0, 0, Math.log(3)], [2, 2]) },
    (graph, { x }) => softmaxCrossEntropy(graph, x as Value, graph.constant(target)).loss,
    float32(1),
  );
  expect(gradients.x).toBeAllClose([-0.25, 0.25, 0, 0], 1e-6);
});

test("binary cross-entropy stays finite for large logits, and its slope at 0 is sigmoid − target", async () => {
  const { perItem } = await evaluate(binaryCrossEntropy, float32([200, -200, -200, 200], [2, 2]), float32([1, 0, 1, 0], [2, 2]));
  expect(perItem).toBeAllClose([0, 200], 1e-6);
  const { gradients } = await gradientsOf(
    { x: float32([0, 0], [1, 2]) },
    (graph, { x }) => binaryCrossEntropy(graph, x as Value, graph.constant(float32([0, 1], [1, 2]))).loss,
    float32(1),
  );
  expect(gradients.x).toBeAllClose([0.25, -0.25], 1e-6);
});

test("l1 is the mean absolute difference, also for a vector", async () => {
  const matrix = await evaluate(l1, float32([1, 2, 3, 4], [2, 2]), float32([1, 4, 0, 0], [2, 2]));
  expect(matrix.perItem).toBeAllClose([1, 3.5], 1e-6);
  expect(matrix.loss).toBeAllClose([2.25], 1e-6);
  const vector = await evaluate(l1, float32([1, 2]), float32([3, 2]));
  expect(vector.perItem).toBeAllClose([2, 0], 1e-6);
});

interface Reference {
  readonly logits: readonly number[];
  readonly single: readonly number[];
  readonly multi: readonly number[];
  readonly cases: readonly { name: string; kind: "single" | "multi"; options: CrossEntropyOptions; loss: number; gradient: number[] }[];
}

const reference: Reference = JSON.parse(await readFile(new URL("../../test/reference/losses.json", import.meta.url), "utf8"));

describe("losses and gradients are PyTorch's", () => {
  test.each(reference.cases)("$kind label: $name", async ({ kind, options, loss, gradient }) => {
    const lossOf = kind === "single" ? softmaxCrossEntropy : binaryCrossEntropy;
    const targets = float32(reference[kind], [6, 3]);
    const { output, gradients } = await gradientsOf(
      { x: float32(reference.logits, [6, 3]) },
      (graph, { x }) => lossOf(graph, x as Value, graph.constant(targets), options).loss,
      float32(1),
    );
    expect(output).toBeAllClose(float32(loss), 1e-5);
    expect(gradients.x).toBeAllClose(float32(gradient, [6, 3]), 1e-5);
  });
});

test("smoothing, weights and focal factor combined agree with differences, also for soft targets", async () => {
  const options = { smoothing: 0.1, weights: [1, 2, 0.5, 3], focal: 1.5 };
  for (const lossOf of [softmaxCrossEntropy, binaryCrossEntropy]) {
    await expectGradients(
      { x: distinctTensor([3, 4], "options") },
      (graph, { x }) => lossOf(graph, x as Value, graph.constant(randomTensor([3, 4], "soft", 0.1, 0.4)), options).loss,
    );
  }
});

test("a focal loss has a finite gradient for a certain prediction", async () => {
  const { gradients } = await gradientsOf(
    { x: float32([200, 0], [1, 2]) },
    (graph, { x }) => softmaxCrossEntropy(graph, x as Value, graph.constant(float32([1, 0], [1, 2])), { focal: 0.5 }).loss,
    float32(1),
  );
  expect(gradients.x).toBeAllClose(float32([0, 0], [1, 2]), 1);
});

test("options out of range are refused by name", () => {
  const graph = new GraphBuilder();
  const [x, t] = [graph.input("x", "float32", [2, 3]), graph.input("t", "float32", [2, 3])];
  expect(() => softmaxCrossEntropy(graph, x, t, { smoothing: 1 })).toThrow(
    "Expected a number in [0, 1) for label smoothing but received 1",
  );
  expect(() => softmaxCrossEntropy(graph, x, t, { weights: [1, 2] })).toThrow("Expected 3 numbers for class weights but received [1,2]");
  expect(() => binaryCrossEntropy(graph, x, t, { focal: -1 })).toThrow("Expected a number of at least 0 for the focal loss's gamma");
});
