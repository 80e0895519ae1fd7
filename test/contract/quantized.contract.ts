// 8-bit graphs on every supported device: the same integers as on Node's CPU, so the same floats to a step of rounding.

import { expect, inject, test } from "vitest";
import type { Tensor } from "../../src/core/tensor.ts";
import { GraphBuilder } from "../../src/graph/builder.ts";
import { quantizableValues, quantize, type ValueRange } from "../../src/graph/quantize.ts";
import type { Graph } from "../../src/graph/types.ts";
import { openSession } from "../../src/runtime/session.ts";
import { formulaParameters, imageBatch } from "../reference/formula.ts";
import { contract } from "./device.ts";

/** The smallest network with every 8-bit operator: convolution, depthwise convolution, sum, maximum and concatenation. */
function network(): Graph {
  const graph = new GraphBuilder();
  const image = graph.input("x", "float32", [2, 3, 12, 12]);
  const weights = formulaParameters([
    { name: "a", kind: "weight", shape: [8, 3, 3, 3] },
    { name: "b", kind: "weight", shape: [8, 1, 3, 3] },
    { name: "c", kind: "weight", shape: [8, 8, 1, 1] },
  ]);
  const constant = (name: string) => graph.constant(weights.get(name) as Tensor);
  const pads = { pads: [1, 1, 1, 1] };
  const a = graph.add("Relu", [graph.add("Conv", [image, constant("a")], pads)]);
  const b = graph.add("Clip", [graph.add("Conv", [a, constant("b")], { ...pads, group: 8 }), graph.scalar(0), graph.scalar(6)]);
  const sum = graph.add("Add", [a, graph.add("Conv", [b, constant("c")])]);
  const pooled = graph.add("MaxPool", [sum], { kernel_shape: [2, 2], strides: [2, 2] });
  return graph.build({ y: graph.add("Concat", [pooled, graph.add("Conv", [pooled, constant("c")])], { axis: 1 }) });
}

const x = imageBatch("8 bit", [2, 3, 12, 12]);

async function run(graph: Graph): Promise<Readonly<Record<string, Tensor>>> {
  const session = await openSession(graph, { device: inject("device") ?? "cpu", threads: 1 });
  try {
    return await session.run({ x });
  } finally {
    await session.release();
  }
}

contract("8 bit", () => {
  test.skipIf(inject("device") === "webgpu")("an 8-bit graph agrees with the float graph to a few steps", async () => {
    const graph = network();
    const observed = GraphBuilder.from(graph);
    const names = quantizableValues(graph);
    const computed = names.filter((name) => name !== "x");
    const values = await run(observed.build(Object.fromEntries(computed.map((name) => [name, observed.value(name)]))));
    const rangeOf = (name: string): ValueRange => {
      const { data } = (name === "x" ? x : values[name]) as Tensor<"float32">;
      return [Math.min(...data), Math.max(...data)];
    };
    const integer = await run(quantize(graph, { ranges: new Map(names.map((name) => [name, rangeOf(name)])) }));
    const float = await run(graph);
    expect(integer.y?.data as Float32Array).toBeAllClose(float.y?.data as Float32Array, 0.05);
    expect(integer.y?.data).not.toEqual(float.y?.data);
  });
});
