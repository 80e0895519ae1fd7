// Every engine trains a small network like PyTorch: 20 steps of stochastic gradient descent with momentum, whose state is passed in and
// out as tensors.

import { expect, test } from "vitest";
import { float32, type Tensor, zeros } from "../../src/core/tensor.ts";
import { differentiate } from "../../src/graph/backward.ts";
import { GraphBuilder } from "../../src/graph/builder.ts";
import { softmaxCrossEntropy } from "../../src/graph/losses.ts";
import type { Value } from "../../src/graph/types.ts";
import type { ParameterKind } from "../../src/nn/scope.ts";
import { formulaParameters, imageBatch } from "../reference/formula.ts";
import { contract, open } from "./device.ts";
import expected from "./expected.json" with { type: "json" };

const [steps, batches, batch, classes, learningRate, momentum] = [20, 5, 4, 3, 0.05, 0.9];

const shapes: Readonly<Record<string, readonly [ParameterKind, readonly number[]]>> = {
  "conv.weight": ["weight", [6, 3, 3, 3]],
  "norm.weight": ["scale", [6]],
  "norm.bias": ["shift", [6]],
  "norm.running_mean": ["mean", [6]],
  "norm.running_var": ["variance", [6]],
  "depthwise.weight": ["weight", [6, 1, 3, 3]],
  "linear.weight": ["weight", [classes, 24]],
  "linear.bias": ["bias", [classes]],
};
const trained = Object.keys(shapes).filter((name) => !name.includes("running"));

contract("training", () => {
  test("20 steps give PyTorch's losses, parameters and running statistics", async () => {
    const graph = new GraphBuilder();
    const session = await open(graph, stepOf(graph));
    const specs = Object.entries(shapes).map(([name, [kind, shape]]) => ({ name, kind, shape }));
    let state: Record<string, Tensor> = Object.fromEntries(formulaParameters(specs));
    for (const name of trained) state[`${name}.velocity`] = zeros("float32", shapes[name]?.[1] ?? []);
    const losses: number[] = [];
    for (let step = 0; step < steps; step++) {
      const results = await session.run({ ...state, ...batchOf(step % batches) });
      losses.push(Number(results.loss?.data[0]));
      state = Object.fromEntries(Object.keys(state).map((name) => [name, results[`new ${name}`] as Tensor]));
    }
    await session.release();

    expect(losses).toBeAllClose(expected.training.losses, 1e-4);
    for (const [name, numbers] of Object.entries(expected.training.state)) expect(state[name], name).toBeAllClose(numbers, 1e-4);
  });
});

/** The whole step as one graph: the loss and, for each "name" of the input state, "new name". */
function stepOf(graph: GraphBuilder): Record<string, Value> {
  const input = (name: string, shape: readonly number[]): Value => graph.input(name, "float32", shape);
  const old = Object.fromEntries(Object.entries(shapes).map(([name, [, shape]]) => [name, input(name, shape)])) as Record<string, Value>;
  const at = (name: string): Value => old[name] as Value;
  const conv = graph.add("Conv", [input("x", [batch, 3, 8, 8]), at("conv.weight")], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] });
  const statistics = ["norm.weight", "norm.bias", "norm.running_mean", "norm.running_var"].map(at);
  const [norm, mean, variance] = graph.addMany("BatchNormalization", [conv, ...statistics], { training_mode: 1 }, 3) as [
    Value,
    Value,
    Value,
  ];
  const pool = graph.add("MaxPool", [graph.add("Relu", [norm])], { kernel_shape: [2, 2], strides: [2, 2] });
  const depthwise = { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], group: 6 };
  const clip = graph.add("Clip", [graph.add("Conv", [pool, at("depthwise.weight")], depthwise), graph.scalar(0), graph.scalar(6)]);
  const logits = graph.add("Gemm", [graph.add("Flatten", [clip], { axis: 1 }), at("linear.weight"), at("linear.bias")], { transB: 1 });
  const { loss } = softmaxCrossEntropy(graph, logits, input("target", [batch, classes]));

  const outputs: Record<string, Value> = { loss, "new norm.running_mean": mean, "new norm.running_var": variance };
  const gradients = differentiate(graph, loss, trained.map(at));
  for (const [i, name] of trained.entries()) {
    const faded = graph.add("Mul", [input(`${name}.velocity`, at(name).shape as number[]), graph.scalar(momentum)]);
    const velocity = graph.add("Add", [faded, gradients[i] as Value]);
    outputs[`new ${name}.velocity`] = velocity;
    outputs[`new ${name}`] = graph.add("Sub", [at(name), graph.add("Mul", [velocity, graph.scalar(learningRate)])]);
  }
  return outputs;
}

function batchOf(number: number): Record<string, Tensor> {
  const labels = Array.from({ length: batch }, (_, i) => (i + number) % classes);
  const target = labels.flatMap((label) => Array.from({ length: classes }, (_, i) => (i === label ? 1 : 0)));
  return { x: imageBatch(`batch ${number}`, [batch, 3, 8, 8]), target: float32(target, [batch, classes]) };
}
