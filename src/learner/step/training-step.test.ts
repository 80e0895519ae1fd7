// The operator budget of the training step, held exactly: whoever adds an operator or a pass over the activations sees it here, without a
// clock. Numbers that got smaller are to be written down as new; ones that got larger need a reason. bench/engine/cost.mjs prints the table.

import { expect, test } from "vitest";
import { type Cost, costOf, type Graph, GraphBuilder, lower } from "../../graph/index.ts";
import { forWebGpu } from "../../graph/webgpu.ts";
import { architectureOf, sgd } from "../../index.ts";
import { createHead, type Stage } from "../../nn/index.ts";
import { buildTrainingStep } from "./training-step.ts";

/** Channels that the CPU kernels keep together, on processors with AVX2. */
const BLOCK = 8;

/** The step of all layers, as the engine gets it. */
function stepCost(stages: readonly Stage[], inputShape: readonly number[], classes: number): Cost {
  const { graph } = buildTrainingStep({
    stages,
    inputType: "float32",
    inputShape,
    classes,
    parameters: new Map(),
    trainable: () => true,
    bnFreeze: false,
    optimizer: sgd(),
  });
  return costOf(lower(graph, { block: BLOCK }));
}

function withHead(name: string): readonly Stage[] {
  const { body, features } = architectureOf(name);
  return [...body, ...createHead({ features, classes: 2 })];
}

// Of ResNet-34's bytes, 3 % are rows of images that are copied into parts for the gradients of weights: those then stay in the cache.
test.each([
  ["resnet34", [16, 3, 224, 224], { operators: 2570, passes: 802, bytes: 13_009_007_516, flops: 349_062_856_768 }],
  ["mobilenet_v2", [16, 3, 224, 224], { operators: 3389, passes: 536, bytes: 13_729_478_280, flops: 29_684_567_104 }],
  ["thaw_small", [16, 3, 128, 128], { operators: 3421, passes: 556, bytes: 4_829_152_184, flops: 9_758_343_232 }],
] as const)("a training step of %s costs no more than what is written here", (name, shape, expected) => {
  expect(stepCost(withHead(name), shape, 2)).toEqual(expected);
});

/** A step in the operators of a device, and the groups that train in it: of all layers, or of the head. */
function deviceGraph(name: string, device: "wasm" | "webgpu", trains: "all" | "head"): Graph {
  const { body, features } = architectureOf(name);
  const head = createHead({ features, classes: 2 });
  const { graph } = buildTrainingStep({
    stages: trains === "all" ? [...body, ...head] : head.slice(1),
    inputType: "float32",
    inputShape: trains === "all" ? [16, 3, 128, 128] : [16, 2 * features],
    classes: 2,
    parameters: new Map(),
    trainable: () => true,
    bnFreeze: false,
    optimizer: sgd(),
  });
  return device === "webgpu" ? forWebGpu(lower(graph, { places: false })) : lower(graph);
}

test.each([
  ["thaw_small", "head", { wasm: 127, webgpu: 132 }],
  ["thaw_small", "all", { wasm: 3055, webgpu: 3105 }],
  ["mobilenet_v2", "head", { wasm: 127, webgpu: 132 }],
  ["mobilenet_v2", "all", { wasm: 3055, webgpu: 3105 }],
] as const)("a step of %s (%s) has no more operators in a browser than what is written here", (name, trains, expected) => {
  const operators = (device: "wasm" | "webgpu"): number => costOf(deviceGraph(name, device, trains)).operators;
  expect({ wasm: operators("wasm"), webgpu: operators("webgpu") }).toEqual(expected);
});

test.each(["thaw_small", "mobilenet_v2", "mobilenet_v3_large", "convnext_tiny"])(
  "a step of %s computes no 64-bit integers on WebGPU",
  (name) => {
    const { nodes, types } = deviceGraph(name, "webgpu", "all");
    expect(nodes.filter(({ outputs }) => outputs.some((output) => types.get(output)?.type === "int64")).map(({ op }) => op)).toEqual([]);
  },
);

test("a step of the head on cached activations costs no more than what is written here", () => {
  const stages = createHead({ features: 512, classes: 2 }).slice(1);
  expect(stepCost(stages, [64, 1024], 2)).toEqual({ operators: 127, passes: 13, bytes: 50_352_492, flops: 202_572_032 });
});

test("a cost counts operators, passes, bytes and arithmetic by hand", () => {
  const graph = new GraphBuilder();
  const x = graph.input("x", "float32", [2, 3, 256, 256]);
  const y = graph.add("Conv", [x, graph.input("weight", "float32", [4, 3, 3, 3])], { pads: [1, 1, 1, 1] });
  const flat = graph.add("Reshape", [graph.add("Relu", [y]), graph.ints([8, -1])]);
  const products = graph.add("FusedMatMul", [flat, flat], { transB: 1 }, { domain: "com.microsoft" });
  const places = 256 * 256;
  expect(costOf(graph.build({ products }))).toEqual({
    operators: 3,
    passes: 1,
    bytes: 4 * (2 * 3 * places + 4 * 27 + 8 * places + 2 * 8 * places + 8 * places + 64),
    flops: 2 * (8 * places * 27 + 64 * places),
  });
});
