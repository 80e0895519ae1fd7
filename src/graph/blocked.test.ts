// Images in blocks of channels: the same numbers as in the plain layout, and no unnecessary changes of layout.

import fc from "fast-check";
import { expect, test } from "vitest";
import { engine } from "#engine";
import { randomTensor, windowAxis } from "../../test/check-gradient.ts";
import { float32, type Tensor } from "../core/tensor.ts";
import { channelBlock } from "../runtime/channel-block.ts";
import { differentiate } from "./backward.ts";
import { blockChannels } from "./blocked.ts";
import { GraphBuilder } from "./builder.ts";
import { lower } from "./lower.ts";
import { encodeModel } from "./model.ts";
import { type Graph, intsAttribute, staticShape, stringAttribute, type Value } from "./types.ts";

const block = await channelBlock(engine);

/** The loss Σ y² of the output of `make`, and its gradients with respect to every input. */
function trained(make: (graph: GraphBuilder, weight: (name: string, ...shape: number[]) => Value) => Value): Graph {
  const graph = new GraphBuilder();
  const y = make(graph, (name, ...shape) => graph.input(name, "float32", shape));
  const loss = graph.add("ReduceSumSquare", [y], { keepdims: 0 });
  const inputs = graph.inputs.slice();
  const gradients = differentiate(graph, loss, inputs);
  return graph.build({ y, ...Object.fromEntries(inputs.map(({ name }, i) => [`${name}.gradient`, gradients[i] as Value])) });
}

async function run(graph: Graph, blocks: number, given: Record<string, Tensor> = {}): Promise<Record<string, Tensor>> {
  const session = await engine.open(encodeModel(lower(graph, { block: blocks })), { device: "cpu", threads: 1 });
  const random = graph.inputs.map((input) => [input.name, randomTensor(staticShape(input), input.name)]);
  try {
    return await session.run({ ...Object.fromEntries(random), ...given });
  } finally {
    await session.release();
  }
}

function norm(graph: GraphBuilder, weight: (name: string, ...shape: number[]) => Value, name: string, x: Value): Value {
  const channels = x.shape[1] as number;
  const [scale, shift] = [weight(`${name} scale`, channels), weight(`${name} shift`, channels)];
  const running = [0, 1].map((value) =>
    graph.constant({ type: "float32", shape: [channels], data: new Float32Array(channels).fill(value) }),
  );
  return graph.add("BatchNormalization", [x, scale, shift, ...running], { training_mode: 1 });
}

/** A stem, an inverted residual block like MobileNetV2's and a residual block like ResNet's. */
const network = trained((graph, weight) => {
  const clip = (x: Value): Value => graph.add("Clip", [x, graph.scalar(0), graph.scalar(6)]);
  const stem = graph.add("Conv", [weight("x", 2, 3, 30, 30), weight("stem", 16, 3, 3, 3)], { strides: [1, 1], pads: [0, 0, 0, 0] });
  const x = clip(norm(graph, weight, "a", stem));
  const wide = clip(norm(graph, weight, "b", graph.add("Conv", [x, weight("expand", 32, 16, 1, 1)])));
  const apart = graph.add("Conv", [wide, weight("depthwise", 32, 1, 3, 3)], { group: 32, pads: [1, 1, 1, 1] });
  const narrow = norm(graph, weight, "d", graph.add("Conv", [clip(norm(graph, weight, "c", apart)), weight("project", 16, 32, 1, 1)]));
  const sum = graph.add("Add", [x, narrow]);
  const small = graph.add("Conv", [sum, weight("smaller", 16, 1, 3, 3)], { group: 16, pads: [1, 1, 1, 1], strides: [2, 2] });
  const dense = graph.add("Conv", [small, weight("dense", 16, 16, 3, 3)], { pads: [1, 1, 1, 1] });
  const deep = graph.add("Relu", [graph.add("Add", [small, norm(graph, weight, "e", dense)])]);
  return graph.add("Conv", [deep, weight("last", 32, 16, 3, 3), weight("bias", 32)], { pads: [1, 1, 1, 1], strides: [2, 2] });
});

test.runIf(block > 1)("a network in blocks has the same outputs and gradients as in the plain layout", async () => {
  const [plain, blocked] = [await run(network, 1), await run(network, block)];
  expect(Object.keys(blocked)).toEqual(Object.keys(plain));
  for (const [name, value] of Object.entries(plain)) expect(blocked[name], name).toBeAllClose(value.data as Float32Array, 2e-5);
});

/**
 * Residual blocks like ResNet's on images of `size` pixels a side, of which the smaller ones are in columns. `smooth` ones have no kinks, at
 * which one of a million activations may lie on the other side after rounding.
 */
function residual(batch: number, size: number, smooth: boolean): Graph {
  return trained((graph, weight) => {
    const conv = (x: Value, name: string, out: number, kernel: number, stride = 1): Value => {
      const shape = [out, x.shape[1] as number, kernel, kernel];
      return graph.add("Conv", [x, weight(name, ...shape)], { strides: [stride, stride], pads: Array(4).fill((kernel - 1) / 2) });
    };
    const relu = (x: Value): Value => graph.add(smooth ? "Tanh" : "Relu", [x]);
    const down = (x: Value, name: string): Value => {
      const narrow = relu(norm(graph, weight, `${name} a`, conv(x, `${name} first`, 2 * block, 3, 2)));
      const added = norm(graph, weight, `${name} b`, conv(narrow, `${name} second`, 2 * block, 3));
      return relu(graph.add("Add", [added, norm(graph, weight, `${name} c`, conv(x, `${name} short`, 2 * block, 1, 2))]));
    };
    const stem = relu(norm(graph, weight, "stem", conv(weight("x", batch, 3, size, size), "w", block, 3)));
    const pooled = graph.add("MaxPool", [stem], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] });
    const deep = down(down(smooth ? stem : pooled, "upper"), "lower");
    return graph.add("GlobalAveragePool", [graph.add("Add", [graph.add("Mul", [deep, deep]), deep])]);
  });
}

test.runIf(block > 1).each([
  ["one block", block, 16, false],
  ["two blocks", 2 * block, 16, false],
  ["one block, beside large ones,", block, 32, true],
] as const)(
  "small images in a batch of %s are in columns and have the same outputs and gradients as in the plain layout",
  async (...given) => {
    const [, batch, size, smooth] = given;
    const built = residual(batch, size, smooth);
    const inColumns = lower(built, { block }).nodes.filter((node) => intsAttribute(node, "dilations")?.join() === `1,${block}`);
    expect(inColumns.length).toBeGreaterThanOrEqual(4);
    const [plain, blocked] = [await run(built, 1), await run(built, block)];
    for (const [name, value] of Object.entries(plain)) expect(blocked[name], name).toBeAllClose(value.data as Float32Array, 5e-5);
  },
);

test("beside depthwise convolutions, in a batch that does not fill a block, and where columns are not next to each other, no image is in columns", () => {
  const steps = (batch: number, stride: number, group: number): readonly (string | undefined)[] => {
    const built = trained((graph, weight) => {
      const dense = graph.add("Conv", [weight("x", batch, 16, 8, 8), weight("w", 16, 16, 3, 3)], {
        strides: [1, stride],
        pads: [1, 1, 1, 1],
      });
      return graph.add("Conv", [dense, weight("v", 16, 16 / group, 3, 3)], { group, strides: [1, stride], pads: [1, 1, 1, 1] });
    });
    return lower(built, { block: 8 })
      .nodes.filter((node) => node.op === "Conv" && intsAttribute(node, "kernel_shape")?.join() === "3,3")
      .map((node) => intsAttribute(node, "dilations")?.join());
  };
  expect(new Set(steps(8, 1, 1))).toEqual(new Set(["1,8"]));
  expect(new Set([...steps(8, 1, 16), ...steps(7, 1, 1), ...steps(8, 2, 1)])).toEqual(new Set(["1,1"]));
});

test.runIf(block > 1).each([
  ["as it is", {}],
  ["with a stride", { strides: [2, 2] }],
  ["with pads that make a large image", { pads: [7, 7, 7, 7] }],
])("a factor per channel of a small image %s has the same outputs and gradients as in the plain layout", async (_, attributes) => {
  const built = trained((graph, weight) => {
    const dense = graph.add("Conv", [weight("x", block, block, 14, 14), weight("w", block, block, 3, 3)], { pads: [1, 1, 1, 1] });
    return graph.add("Conv", [dense, weight("factor", block, 1, 1, 1)], { group: block, ...attributes });
  });
  const [plain, blocked] = [await run(built, 1), await run(built, block)];
  for (const [name, value] of Object.entries(plain)) expect(blocked[name], name).toBeAllClose(value.data as Float32Array, 5e-5);
});

test("an offset per channel becomes the bias of the convolution before it", () => {
  const graph = new GraphBuilder();
  const weight = (name: string, ...shape: number[]): Value => graph.input(name, "float32", shape);
  const conv = graph.add("Conv", [weight("x", 1, 16, 8, 8), weight("w", 16, 16, 3, 3)]);
  const scaled = graph.add("Mul", [conv, weight("scale", 1, 16, 1, 1)]);
  const y = graph.add("Add", [graph.add("Add", [scaled, weight("shift", 1, 16, 1, 1)]), weight("other", 1, 16, 6, 6)]);
  const { nodes } = lower(graph.build({ y }), { block: 8 });
  expect(nodes.filter(({ op }) => op === "Conv").map(({ inputs }) => inputs.filter(Boolean).length)).toEqual([2, 4]);
  expect(nodes.filter(({ op }) => op === "Add")).toEqual([]);
});

test.runIf(block > 1)("the weights of a dense convolution get the same gradient as in the plain layout, for any window", async () => {
  const axis = windowAxis(3, 5);
  await fc.assert(
    fc.asyncProperty(
      axis,
      axis,
      fc.constantFrom(3, block, 2 * block),
      fc.constantFrom(1, 2),
      fc.boolean(),
      async (rows, wide, channels, batches, alone) => {
        const both = [rows, { ...wide, dilation: 1 }];
        const size = both.map((along) => along.size);
        const built = trained((graph, weight) => {
          const [x, w] = [weight("x", batches * block, channels, ...size), weight("w", 2 * block, channels, rows.kernel, wide.kernel)];
          const y = graph.add("Conv", [x, w], {
            strides: both.map(({ stride }) => stride),
            dilations: both.map(({ dilation }) => dilation),
            pads: [...both.map(({ before }) => before), ...both.map(({ after }) => after)],
          });
          const group = 2 * block;
          // Beside a depthwise convolution no image is in columns.
          return alone ? graph.add("Conv", [y, weight("depthwise", group, 1, 1, 2)], { group, pads: [0, 1, 0, 0] }) : y;
        });
        expect(lower(built, { block }).nodes.filter(({ op }) => op === "FusedMatMul")).toEqual([]);
        const [plain, blocked] = [await run(built, 1), await run(built, block)];
        for (const [name, value] of Object.entries(plain)) expect(blocked[name], name).toBeAllClose(value.data as Float32Array, 2e-5);
      },
    ),
    { numRuns: 25 },
  );
});

test.runIf(block > 1)("weights of images that fill the cache get the same gradient in parts of rows", async () => {
  const windows = [
    { channels: block, size: [40, 20], strides: [1, 1], dilations: [1, 1], pads: [1, 1, 1, 1] },
    { channels: 3, size: [81, 20], strides: [2, 1], dilations: [1, 1], pads: [1, 0, 0, 2] },
    // The last row is not read.
    { channels: 2 * block, size: [82, 22], strides: [2, 1], dilations: [1, 1], pads: [0, 0, 0, 0] },
    { channels: block, size: [40, 41], strides: [1, 2], dilations: [2, 1], pads: [2, 1, 2, 0] },
  ];
  for (const { channels, size, ...attributes } of windows) {
    const built = trained((graph, weight) =>
      graph.add("Conv", [weight("x", 2 * block, channels, ...size), weight("w", 4 * block, channels, 3, 3)], attributes),
    );
    expect(inParts(built), `${size}`).toBe(true);
    const [plain, blocked] = [await run(built, 1), await run(built, block)];
    // Each is a sum of 800 products for each of the batch.
    for (const [name, value] of Object.entries(plain)) expect(blocked[name], name).toBeAllClose(value.data as Float32Array, 1e-4);
  }
});

test.runIf(block > 1)("rows are not copied more than twice: of images without divisors, or too wide for the cache, nothing is cut", () => {
  const convolved = (height: number, width: number) =>
    trained((graph, weight) =>
      graph.add("Conv", [weight("x", block, block, height, width), weight("w", 4 * block, block, 3, 3)], { pads: [1, 1, 1, 1] }),
    );
  expect([inParts(convolved(40, 40)), inParts(convolved(41, 40)), inParts(convolved(40, 1024))]).toEqual([true, false, false]);
});

/** Whether the weight gradient in `graph`, in blocks, is summed in parts of rows. */
function inParts(graph: Graph): boolean {
  const { nodes, constants } = lower(graph, { block });
  return nodes.some(({ op, inputs }) => op === "Gather" && constants.get(inputs[1] ?? "")?.shape.length === 2);
}

test.runIf(block > 1)("images whose channels nearly fill blocks, and strides, have the same gradients as in the plain layout", async () => {
  const odd = 2 * block - 4;
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(1, 3), fc.constantFrom(1, 2, 3), fc.integer({ min: 4, max: 9 }), async (kernel, stride, size) => {
      const attributes = { strides: [stride, stride], pads: Array(4).fill((kernel - 1) / 2) };
      const built = trained((graph, weight) => {
        const narrow = graph.add("Conv", [weight("x", 2, block, size, size), weight("a", odd, block, kernel, kernel)], attributes);
        const wide = graph.add("Conv", [narrow, weight("b", 2 * block, odd, 1, 1)]);
        const group = 2 * block;
        return graph.add("Conv", [graph.add("Relu", [wide]), weight("c", group, 1, kernel, kernel)], { ...attributes, group });
      });
      expect(lower(built, { block }).nodes.filter(({ op, domain }) => op === "Conv" && domain === "").length).toBe(0);
      const [plain, blocked] = [await run(built, 1), await run(built, block)];
      for (const [name, value] of Object.entries(plain)) expect(blocked[name], name).toBeAllClose(value.data as Float32Array, 2e-5);
    }),
    { numRuns: 15 },
  );
});

test.runIf(block > 1)("the gradient of ReLU6 in blocks is 0 at its bounds and 1 between them however near", async () => {
  const values = [-1, 0, 1e-30, 3, 5.9999995, 6, 7, 1e-3];
  const built = trained((graph, weight) => {
    const image = graph.add("Conv", [weight("x", 1, block, 1, 8), weight("w", block, block, 1, 1)]);
    return graph.add("Clip", [image, graph.scalar(0), graph.scalar(6)]);
  });
  expect(lower(built, { block }).nodes.filter(({ op }) => op === "Sub")).toEqual([]);
  const identity = Array.from({ length: block * block }, (_, i) => Number(i % (block + 1) === 0));
  const image = Array.from({ length: 8 * block }, (_, i) => values[i % 8] as number);
  const given = { x: float32(image, [1, block, 1, 8]), w: float32(identity, [block, block, 1, 1]) };
  const gradient = (await run(built, block, given))["x.gradient"] as Tensor<"float32">;
  expect([...gradient.data.subarray(0, 8)]).toEqual([...Float32Array.of(0, 0, 2e-30, 6, 2 * 5.9999995, 0, 0, 2e-3)]);
});

test.each([
  ["a batch that does not fill a block", [7, 16, 8, 8], [16, 16, 3, 3], {}],
  ["a kernel of one column", [8, 16, 8, 8], [16, 16, 3, 1], {}],
  ["dilated columns", [8, 16, 8, 8], [16, 16, 3, 3], { dilations: [1, 2] }],
  ["channels that neither fill blocks nor fit into one", [8, 12, 8, 8], [16, 12, 3, 3], {}],
  ["groups", [8, 32, 8, 8], [32, 16, 3, 3], { group: 2 }],
] as const)("for %s the weights' gradient stays a product", (_, image, kernel, attributes) => {
  const built = trained((graph, weight) => graph.add("Conv", [weight("x", ...image), weight("w", ...kernel)], attributes));
  expect(lower(built, { block: 8 }).nodes.filter(({ op }) => op === "FusedMatMul")).not.toEqual([]);
});

test("values between two convolutions stay in blocks, and activations and sums are fused into convolutions", () => {
  const graph = new GraphBuilder();
  const weight = (name: string, ...shape: number[]): Value => graph.input(name, "float32", shape);
  const x = weight("x", 2, 16, 8, 8);
  const inner = norm(graph, weight, "norm", graph.add("Conv", [x, weight("first", 16, 16, 3, 3)], { pads: [1, 1, 1, 1] }));
  const second = graph.add("Conv", [graph.add("Relu", [inner]), weight("second", 16, 16, 3, 3)], { pads: [1, 1, 1, 1] });
  const y = graph.add("Relu", [graph.add("Add", [second, x])]);
  const { nodes } = lower(graph.build({ y }), { block: 8 });
  expect(nodes.filter(({ op, inputs }) => op === "ReorderInput" && inputs[0] === "x")).toHaveLength(1);
  expect(nodes.filter(({ op }) => op === "ReorderOutput")).toHaveLength(1);
  expect(nodes.filter(({ op }) => op === "Relu")).toEqual([]);
  expect(nodes.filter(({ attributes }) => stringAttribute({ attributes }, "activation", "") === "Relu")).toHaveLength(2);
});

test("constant weights, which the engine arranges itself, and channels that do not fill a block stay unchanged", () => {
  const graph = new GraphBuilder();
  const x = graph.input("x", "float32", [1, 16, 8, 8]);
  const constant = graph.constant(randomTensor([16, 16, 3, 3], "weight"), "weight");
  const odd = graph.add("Conv", [graph.add("Conv", [x, constant]), graph.input("odd", "float32", [10, 16, 1, 1])]);
  const built = graph.build({ y: graph.add("Relu", [odd]) });
  expect(blockChannels(built, 8)).toBe(built);
});

test("the block size is one of the processors' sizes", () => {
  expect([1, 8, 16]).toContain(block);
});
