// Both forms of MaxPool's gradient: by indices, which CPU kernels return, and by comparison, for engines that return none.

import fc from "fast-check";
import { expect, test } from "vitest";
import { engine } from "#engine";
import { randomStream } from "../core/random.ts";
import { float32, sizeOf, type Tensor } from "../core/tensor.ts";
import { differentiate } from "./backward.ts";
import { GraphBuilder } from "./builder.ts";
import { type Kernels, lower } from "./lower.ts";
import { encodeModel } from "./model.ts";
import { type Graph, staticShape } from "./types.ts";

/** Integers below `end`: their sums are exact, and windows have ties. */
function integers(shape: readonly number[], end: number): Tensor<"float32"> {
  const stream = randomStream("integers", shape.join());
  return float32(
    Array.from({ length: sizeOf(shape) }, () => Math.floor(stream.uniform(0, end))),
    shape,
  );
}

function pooling(shape: readonly number[], attributes: Readonly<Record<string, readonly number[]>>): Graph {
  const graph = new GraphBuilder();
  const x = graph.input("x", "float32", shape);
  const y = graph.add("MaxPool", [x], attributes);
  const weights = graph.input("weights", "float32", y.shape);
  const loss = graph.add("ReduceSum", [graph.add("Mul", [y, weights])], { keepdims: 0 });
  const [gradient] = differentiate(graph, loss, [x]);
  return graph.build({ y, gradient: gradient as typeof x });
}

async function run(graph: Graph, kernels: Kernels): Promise<Record<string, Tensor>> {
  const session = await engine.open(encodeModel(lower(graph, kernels)), { device: "cpu", threads: 1 });
  const shapes = new Map(graph.inputs.map((input) => [input.name, staticShape(input)]));
  try {
    return await session.run({ x: integers(shapes.get("x") ?? [], 4), weights: integers(shapes.get("weights") ?? [], 100) });
  } finally {
    await session.release();
  }
}

test("indices and comparison give the same maxima and the same gradients, also if maxima are equal", async () => {
  const axis = fc.record({
    kernel: fc.integer({ min: 1, max: 3 }),
    stride: fc.integer({ min: 1, max: 3 }),
    dilation: fc.integer({ min: 1, max: 2 }),
    extra: fc.integer({ min: 0, max: 4 }),
    padded: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(axis, axis, async (rows, columns) => {
      const both = [rows, columns];
      const pads = both.map(({ kernel, padded }) => (padded ? Math.floor(kernel / 2) : 0));
      const size = both.map(({ kernel, dilation, extra }) => dilation * (kernel - 1) + 1 + extra);
      const graph = pooling([2, 2, ...size], {
        kernel_shape: both.map(({ kernel }) => kernel),
        strides: both.map(({ stride }) => stride),
        dilations: both.map(({ dilation }) => dilation),
        pads: [...pads, ...pads],
      });
      expect(await run(graph, { places: true })).toEqual(await run(graph, { places: false }));
    }),
    { numRuns: 25 },
  );
});

test("with indices the maxima are searched for once, and without them no operator requests them", () => {
  const graph = pooling([1, 1, 4, 4], { kernel_shape: [2, 2], strides: [2, 2] });
  const pools = (kernels: Kernels): number[] =>
    lower(graph, kernels)
      .nodes.filter(({ op }) => op === "MaxPool")
      .map(({ outputs }) => outputs.length);
  expect(pools({ places: true })).toEqual([2]);
  expect(pools({ places: false })).toEqual([1]);
});
