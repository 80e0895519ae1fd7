// The forms of MaxPool's gradient: by indices, which CPU kernels return; by comparison, for engines that return none; and axis by axis, for
// images in blocks.

import fc from "fast-check";
import { expect, test } from "vitest";
import { engine } from "#engine";
import { randomStream } from "../core/random.ts";
import { float32, sizeOf, type Tensor } from "../core/tensor.ts";
import { channelBlock } from "../runtime/channel-block.ts";
import { differentiate } from "./backward.ts";
import { BLOCKED } from "./blocked/kernels.ts";
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

async function run(graph: Graph, kernels: Kernels, given: Record<string, Tensor> = {}): Promise<Record<string, Tensor>> {
  const session = await engine.open(encodeModel(lower(graph, kernels)), { device: "cpu", threads: 1 });
  const shapes = new Map(graph.inputs.map((input) => [input.name, staticShape(input)]));
  try {
    const [x, weights] = [integers(shapes.get("x") ?? [], 4), integers(shapes.get("weights") ?? [], 100)];
    return await session.run({ x, weights, ...given });
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

const block = await channelBlock(engine);

test.runIf(block > 1)("maxima in blocks, axis by axis, have the same gradients as with indices, also if maxima are equal", async () => {
  const axis = fc
    .record({ stride: fc.integer({ min: 1, max: 3 }), more: fc.integer({ min: 0, max: 2 }), output: fc.integer({ min: 1, max: 4 }) })
    .chain(({ stride, more, output }) =>
      fc.record({
        kernel: fc.constant(stride + more),
        stride: fc.constant(stride),
        before: fc.integer({ min: 0, max: more }),
        more: fc.constant(more),
        size: fc.constant(stride * output),
      }),
    );
  const kernel = float32(
    Array.from({ length: block * block }, (_, i) => (i % (block + 1) === 0 ? 1 : 0)),
    [block, block, 1, 1],
  );
  await fc.assert(
    fc.asyncProperty(axis, axis, fc.boolean(), fc.boolean(), async (rows, columns, rectified, open) => {
      const both = [rows, columns];
      // Without padding after the image, the last windows go beyond it.
      const ceil = open && both.every(({ stride, before, more }) => more - before < stride);
      const graph = new GraphBuilder();
      const x = graph.input("x", "float32", [2, block, rows.size, columns.size]);
      const image = graph.add("Conv", [x, graph.input("kernel", "float32", kernel.shape)]);
      const lowered = graph.add("Sub", [image, graph.scalar(1)]);
      const y = graph.add("MaxPool", [rectified ? graph.add("Relu", [lowered]) : lowered], {
        kernel_shape: both.map(({ kernel }) => kernel),
        strides: both.map(({ stride }) => stride),
        pads: [...both.map(({ before }) => before), ...both.map(({ before, more }) => (ceil ? 0 : more - before))],
        ceil_mode: Number(ceil),
      });
      const weights = graph.input("weights", "float32", y.shape);
      const loss = graph.add("ReduceSum", [graph.add("Mul", [y, weights])], { keepdims: 0 });
      const [gradient] = differentiate(graph, loss, [x]);
      const built = graph.build({ y, gradient: gradient as typeof x });
      expect(lower(built, { block }).nodes.filter(({ op, domain }) => op === "MaxPool" && domain !== BLOCKED)).toEqual([]);
      expect(await run(built, { block }, { kernel })).toEqual(await run(built, {}, { kernel }));
    }),
    { numRuns: 25 },
  );
});

test("the gradient of a ReLU before a MaxPool is taken of the maxima", () => {
  const graph = new GraphBuilder();
  const x = graph.input("x", "float32", [1, 1, 4, 4]);
  const y = graph.add("MaxPool", [graph.add("Relu", [x])], { kernel_shape: [2, 2], strides: [2, 2] });
  const [gradient] = differentiate(graph, graph.add("ReduceSum", [y], { keepdims: 0 }), [x]);
  const gates = graph.build({ gradient: gradient as typeof x }).nodes.filter(({ op }) => op === "HardSigmoid");
  expect(gates.map(({ inputs }) => inputs)).toEqual([[y.name]]);
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
