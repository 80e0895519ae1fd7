// Shifted weights: the same results from other weights.

import { expect, test } from "vitest";
import { randomTensor } from "../../../test/check-gradient.ts";
import type { Tensor } from "../../core/tensor.ts";
import { engine } from "../../runtime/engine.node.ts";
import { GraphBuilder } from "../builder.ts";
import { encodeModel } from "../model.ts";
import { quantize } from "../quantize.ts";
import type { Graph } from "../types.ts";
import { isShiftable, shiftWeights } from "./shift.ts";

/** A 3×3 convolution, one of two groups, a depthwise and a 1×1 one, in 8 bit. */
function network(): Graph {
  const builder = new GraphBuilder();
  const x = builder.input("x", "float32", ["batch", 4, 9, 7]);
  const convolution = (input: typeof x, name: string, weight: readonly number[], group: number) =>
    builder.add(
      "Conv",
      [input, builder.constant(randomTensor(weight, name), `${name}.weight`)],
      { group, pads: Array(4).fill((weight[2]! - 1) / 2) },
      { name },
    );
  const a = convolution(x, "plain", [8, 4, 3, 3], 1);
  const b = convolution(a, "grouped", [8, 4, 3, 3], 2);
  const c = convolution(b, "depthwise", [8, 1, 3, 3], 8);
  const graph = builder.build({ y: convolution(c, "pointwise", [6, 8, 1, 1], 1) });
  const range = [-8, 8] as const;
  return quantize(graph, { ranges: new Map([...graph.types.keys()].map((name) => [name, range])) });
}

async function run(graph: Graph, x: Tensor): Promise<unknown[]> {
  const session = await engine.open(encodeModel(graph), { device: "cpu", threads: 1 });
  const { y } = await session.run({ x });
  const values = Array.from((y as Tensor<"float32">).data);
  await session.release();
  return values;
}

const shiftable = (graph: Graph) => graph.nodes.filter((node) => isShiftable(node, graph)).map(({ name }) => name);

test("convolutions of several channels can be shifted, depthwise ones cannot", () => {
  expect(shiftable(network())).toEqual(["plain.uint8", "grouped.uint8", "pointwise.uint8"]);
});

test("shifted weights give the same bits, and are not shifted twice", async () => {
  const graph = network();
  const shifted = shiftWeights(graph, (node) => isShiftable(node, graph));
  const x = randomTensor([3, 4, 9, 7], "x");
  const values = await run(graph, x);
  expect(new Set(values).size).toBeGreaterThan(20);
  expect(await run(shifted, x)).toEqual(values);
  expect(shiftable(shifted)).toEqual([]);
});

test("a weight of 127 has no larger one, so its convolution is left as it is", () => {
  const graph = network();
  const [plain] = graph.nodes.filter((node) => isShiftable(node, graph));
  const name = plain?.inputs[3] as string;
  const { shape, data } = graph.constants.get(name) as Tensor<"int8">;
  const largest: Tensor = { type: "int8", shape, data: data.with(0, 127) };
  expect(shiftable({ ...graph, constants: new Map([...graph.constants, [name, largest]]) })).toEqual(["grouped.uint8", "pointwise.uint8"]);
});
