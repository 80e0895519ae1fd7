// 8-bit graphs against the float graphs that they were made from.

import fc from "fast-check";
import { expect, test } from "vitest";
import { randomTensor } from "../../test/check-gradient.ts";
import { sizeOf, type Tensor } from "../core/tensor.ts";
import { openSession } from "../runtime/session.ts";
import { GraphBuilder } from "./builder.ts";
import { decodeModel, encodeModel } from "./model.ts";
import { quantizableValues, quantize, type ValueRange } from "./quantize.ts";
import type { Graph, Value } from "./types.ts";

const operators = (graph: Graph): string[] => graph.nodes.map((node) => node.op);

async function run(graph: Graph, x: Tensor): Promise<Readonly<Record<string, Tensor>>> {
  const session = await openSession(graph, { threads: 1 });
  try {
    const results = await session.run({ x });
    return Object.fromEntries(Object.entries(results).map(([name, value]) => [name, { ...value, data: value.data.slice() } as Tensor]));
  } finally {
    await session.release();
  }
}

/** The range of each value that can be quantised, from a run on `x`. */
async function observe(graph: Graph, x: Tensor): Promise<Map<string, ValueRange>> {
  const builder = GraphBuilder.from(graph);
  const names = quantizableValues(graph);
  const results = await run(builder.build(Object.fromEntries(names.map((name) => [name, builder.value(name)]))), x);
  const values = { ...results, x };
  return new Map(
    names.map((name) => {
      const { data } = values[name as "x"] as Tensor<"float32">;
      return [name, [Math.min(...data), Math.max(...data)]];
    }),
  );
}

/** The largest difference between the graph and its 8-bit form, in steps of the output's range. */
async function stepsApart(graph: Graph, x: Tensor): Promise<{ steps: number; quantized: Graph }> {
  const ranges = await observe(graph, x);
  const quantized = quantize(graph, { ranges });
  const [y, approximate] = [await run(graph, x), await run(quantized, x)].map((results) => results.y as Tensor<"float32">) as [
    Tensor<"float32">,
    Tensor<"float32">,
  ];
  const step = (Math.max(0, ...y.data) - Math.min(0, ...y.data)) / 255;
  const apart = y.data.map((value, i) => Math.abs(value - (approximate.data[i] as number)));
  return { steps: Math.max(...apart) / step, quantized };
}

function convolution(graph: GraphBuilder, x: Value, name: string, channels: number, { kernel = 3, group = 1, stride = 1 } = {}): Value {
  const inputs = x.shape[1] as number;
  const weight = graph.constant(randomTensor([channels, inputs / group, kernel, kernel], name), `${name}.weight`);
  const bias = graph.constant(randomTensor([channels], `${name} bias`), `${name}.bias`);
  const pad = (kernel - 1) / 2;
  return graph.add("Conv", [x, weight, bias], { group, strides: [stride, stride], pads: [pad, pad, pad, pad] }, { name });
}

test("an 8-bit convolution stays within the bounds of rounding: plain, grouped, depthwise, strided", async () => {
  const shape = fc.record({ group: fc.constantFrom(1, 2, 8), stride: fc.constantFrom(1, 2), kernel: fc.constantFrom(1, 3, 5) });
  await fc.assert(
    fc.asyncProperty(shape, async (options) => {
      const graph = new GraphBuilder();
      const input = graph.input("x", "float32", ["batch", 8, 7, 7]);
      const plain = graph.build({ y: convolution(graph, input, "conv", 8, options) });
      const x = randomTensor([2, 8, 7, 7], "image", -1, 3);
      const quantized = quantize(plain, { ranges: await observe(plain, x) });
      const { y } = await run(plain, x);
      const approximate = (await run(quantized, x)).y as Tensor<"float32">;
      expect(operators(quantized)).toEqual(["QuantizeLinear", "QLinearConv", "DequantizeLinear"]);
      // Σ|w|·Δx + Σ|x|·Δw + Δy: half a step of the input (and of its zero point), of the weights (largest 1, 64 steps), of the output.
      const taps = (8 / options.group) * options.kernel ** 2;
      const { data } = y as Tensor<"float32">;
      const step = (Math.max(0, ...data) - Math.min(0, ...data)) / 255;
      const bound = taps * 1 * (4 / 255) + taps * 3 * (0.5 / 64) + step;
      const apart = Math.max(...data.map((value, i) => Math.abs(value - approximate.data[i]!)));
      expect(apart).toBeLessThanOrEqual(bound);
      expect(apart).toBeGreaterThan(0);
    }),
    { numRuns: 12 },
  );
});

test("ReLU and Clip are absorbed by the range of the operator before them", async () => {
  const graph = new GraphBuilder();
  const x = graph.input("x", "float32", [1, 3, 8, 8]);
  const relu = graph.add("Relu", [convolution(graph, x, "a", 4)]);
  const clip = graph.add("Clip", [convolution(graph, relu, "b", 4), graph.scalar(0), graph.scalar(6)]);
  const image = randomTensor([1, 3, 8, 8], "image");
  const { steps, quantized } = await stepsApart(graph.build({ y: clip }), image);
  expect(operators(quantized)).toEqual(["QuantizeLinear", "QLinearConv", "QLinearConv", "DequantizeLinear"]);
  const { y } = await run(quantized, image);
  expect(Math.min(...(y as Tensor<"float32">).data)).toBe(0);
  expect(Math.max(...(y as Tensor<"float32">).data)).toBeLessThanOrEqual(6);
  expect(steps).toBeLessThan(12);
});

test("residual sums, maxima and joined channels stay in 8 bit", async () => {
  const graph = new GraphBuilder();
  const x = graph.input("x", "float32", ["batch", 4, 8, 8]);
  const a = graph.add("Relu", [convolution(graph, x, "a", 4)]);
  const sum = graph.add("Relu", [graph.add("Add", [a, convolution(graph, a, "b", 4)])]);
  const pooled = graph.add("MaxPool", [sum], { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 });
  const joined = graph.add("Concat", [convolution(graph, pooled, "c", 3, { kernel: 1 }), convolution(graph, pooled, "d", 5)], { axis: 1 });
  const { steps, quantized } = await stepsApart(graph.build({ y: joined }), randomTensor([3, 4, 8, 8], "image"));
  expect(operators(quantized)).toEqual([
    ...["QuantizeLinear", "QLinearConv", "QLinearConv", "QLinearAdd", "MaxPool", "QLinearConv", "QLinearConv", "QLinearConcat"],
    "DequantizeLinear",
  ]);
  expect(steps).toBeLessThan(12);
});

test("the maximum of 8-bit values is the 8-bit form of the maximum", async () => {
  const graph = new GraphBuilder();
  const x = graph.input("x", "float32", [1, 2, 9, 9]);
  const conv = graph.add("Relu", [convolution(graph, x, "conv", 3)]);
  const built = graph.build({ y: graph.add("MaxPool", [conv], { kernel_shape: [2, 2], strides: [2, 2] }), whole: conv });
  const image = randomTensor([1, 2, 9, 9], "image");
  const quantized = quantize(built, { ranges: await observe(built, image) });
  const { y, whole: full } = await run(quantized, image);
  const expected = Array.from({ length: 3 * 16 }, (_, i) => {
    const [channel, row, column] = [Math.floor(i / 16), 2 * (Math.floor(i / 4) % 4), 2 * (i % 4)];
    const at = (dy: number, dx: number): number => Number(full?.data[channel * 81 + (row + dy) * 9 + column + dx]);
    return Math.max(at(0, 0), at(0, 1), at(1, 0), at(1, 1));
  });
  expect(Array.from(y?.data as Float32Array)).toEqual(expected);
});

test("an operator without an integer form between two that have one is computed in float", async () => {
  const graph = new GraphBuilder();
  const x = graph.input("x", "float32", ["batch", 3, 8, 8]);
  const gate = graph.add("Sigmoid", [convolution(graph, x, "a", 4)]);
  const y = graph.add("Flatten", [graph.add("GlobalAveragePool", [convolution(graph, gate, "b", 4)])], { axis: 1 });
  const { steps, quantized } = await stepsApart(graph.build({ y }), randomTensor([2, 3, 8, 8], "image"));
  expect(operators(quantized)).toEqual([
    ...["QuantizeLinear", "QLinearConv", "DequantizeLinear", "Sigmoid", "QuantizeLinear", "QLinearConv", "DequantizeLinear"],
    ...["GlobalAveragePool", "Flatten"],
  ]);
  expect(steps).toBeLessThan(6);
});

test("an activation that shares its input with another operator, or excludes 0, is not absorbed", () => {
  const graph = new GraphBuilder();
  const x = graph.input("x", "float32", [1, 3, 8, 8]);
  const shared = convolution(graph, x, "shared", 4);
  const above = graph.add("Clip", [convolution(graph, x, "above", 4), graph.scalar(1), graph.scalar(6)]);
  const built = graph.build({ relu: graph.add("Relu", [shared]), shared, clip: above });
  const ranges = new Map(quantizableValues(built).map((name): [string, ValueRange] => [name, [-1, 1]]));
  expect(operators(quantize(built, { ranges })).filter((op) => op === "Relu" || op === "Clip")).toEqual(["Clip", "Relu"]);
});

test("values without a known range stay in float, and a graph without ranges stays unchanged", () => {
  const graph = new GraphBuilder();
  const x = graph.input("x", "float32", [1, 3, 8, 8]);
  const first = graph.add("Relu", [convolution(graph, x, "a", 4)]);
  const built = graph.build({ y: graph.add("Relu", [convolution(graph, first, "b", 4)]) });
  expect(quantizableValues(built)).toEqual(["x", first.name, "y"]);
  expect(quantize(built, { ranges: new Map() })).toEqual(built);
  const half: [string, ValueRange][] = [
    ["x", [-1, 1]],
    [first.name, [0, 2]],
  ];
  expect(operators(quantize(built, { ranges: new Map(half) }))).toEqual([
    "QuantizeLinear",
    "QLinearConv",
    "DequantizeLinear",
    "Conv",
    "Relu",
  ]);
});

test("inputs and outputs keep their names and types, and the model file can be read back", async () => {
  const graph = new GraphBuilder();
  const x = graph.input("x", "float32", ["batch", 3, 8, 8]);
  const built = graph.build({ features: graph.add("Relu", [convolution(graph, x, "a", 4)]) });
  const image = randomTensor([2, 3, 8, 8], "image");
  const quantized = quantize(built, { ranges: await observe(built, image) });
  expect([quantized.inputs, quantized.outputs]).toEqual([built.inputs, built.outputs]);
  const again = decodeModel(encodeModel(quantized));
  expect(operators(again)).toEqual(operators(quantized));
  expect((await run(again, image)).features).toEqual((await run(quantized, image)).features);
});

test("weights take a quarter of the space", () => {
  const graph = new GraphBuilder();
  const x = graph.input("x", "float32", [1, 64, 8, 8]);
  const built = graph.build({ y: convolution(graph, x, "a", 64) });
  const ranges = new Map<string, ValueRange>([
    ["x", [0, 1]],
    ["y", [-1, 1]],
  ]);
  const [before, after] = [built, quantize(built, { ranges })].map((each) => encodeModel(each).length) as [number, number];
  expect(before).toBeGreaterThan(4 * sizeOf([64, 64, 3, 3]));
  expect(after).toBeLessThan(1.1 * sizeOf([64, 64, 3, 3]));
});

test.each([
  ["of one pixel", [32, 64, 1, 1], 1],
  ["of nine pixels", [32, 64, 3, 3], 1],
  ["of one channel each", [64, 1, 3, 3], 64],
] as const)("this processor adds the largest integers exactly in filters %s", async (_, shape, group) => {
  const graph = new GraphBuilder();
  const x = graph.input("x", "float32", [1, 64, 9, 9]);
  // Neighbouring weights of one sign, and every input at its maximum: the worst case for saturation.
  const weight = { type: "float32", shape, data: new Float32Array(sizeOf(shape)).fill(1) } as const;
  const built = graph.build({ y: graph.add("Conv", [x, graph.constant(weight)], { group }) });
  const most = sizeOf(shape.slice(1));
  const ranges = new Map<string, ValueRange>([
    ["x", [0, 1]],
    ["y", [0, most]],
  ]);
  const image = { type: "float32", shape: [1, 64, 9, 9], data: new Float32Array(64 * 81).fill(1) } as const;
  const { y } = await run(quantize(built, { ranges }), image);
  expect(y?.data as Float32Array).toBeAllClose(
    Array.from(y?.data as Float32Array, () => most),
    0.01,
  );
});

test("given the means of its input, a convolution is right on average in spite of its rounded weights", async () => {
  const graph = new GraphBuilder();
  const x = graph.input("x", "float32", [1, 16, 9, 9]);
  const weight = randomTensor([8, 16, 1, 1], "weight", 0.4, 1);
  const built = graph.build({
    y: graph.add("Conv", [x, graph.constant({ ...weight, data: weight.data.map((value, i) => (i % 16 ? value : 30)) })]),
  });
  const image = randomTensor([1, 16, 9, 9], "image", 0.5, 1);
  const ranges = await observe(built, image);
  const means = new Map([["x", Array.from({ length: 16 }, (_, channel) => meanOf(image.data.subarray(channel * 81, (channel + 1) * 81)))]]);
  const exact = (await run(built, image)).y?.data as Float32Array;
  const off = async (statistics: Parameters<typeof quantize>[1]) => {
    const y = (await run(quantize(built, statistics), image)).y?.data as Float32Array;
    return Math.max(
      ...Array.from({ length: 8 }, (_, c) =>
        Math.abs(meanOf(y.subarray(c * 81, c * 81 + 81)) - meanOf(exact.subarray(c * 81, c * 81 + 81))),
      ),
    );
  };
  expect(await off({ ranges, means })).toBeLessThan((await off({ ranges })) / 4);
});

function meanOf(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
