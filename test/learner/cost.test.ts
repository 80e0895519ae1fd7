// The operator budget of the training step, held exactly: whoever adds an operator or a pass over the activations sees it here, without a
// clock. Numbers that got smaller are to be written down as new; ones that got larger need a reason. bench/engine/cost.mjs prints the table.

import { expect, test } from "vitest";
import { GraphBuilder } from "../../src/graph/builder.ts";
import { type Cost, costOf } from "../../src/graph/cost.ts";
import { lower } from "../../src/graph/lower.ts";
import { sgd } from "../../src/learner/optimizer.ts";
import { buildTrainingStep } from "../../src/learner/training-step.ts";
import { architectureOf } from "../../src/nn/catalogue.ts";
import { createHead } from "../../src/nn/head.ts";
import type { Stage } from "../../src/nn/scope.ts";

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
  return costOf(lower(graph));
}

function withHead(name: string): readonly Stage[] {
  const { body, features } = architectureOf(name);
  return [...body, ...createHead({ features, classes: 2 })];
}

test.each([
  ["resnet34", [16, 3, 224, 224], { operators: 2825, passes: 1226, bytes: 20_150_170_208, flops: 350_738_350_080 }],
  ["mobilenet_v2", [16, 3, 224, 224], { operators: 3285, passes: 960, bytes: 19_832_848_328, flops: 29_275_359_232 }],
  ["thaw_small", [16, 3, 160, 160], { operators: 1519, passes: 613, bytes: 2_412_951_624, flops: 19_285_360_640 }],
] as const)("a training step of %s costs no more than what is written here", (name, shape, expected) => {
  expect(stepCost(withHead(name), shape, 2)).toEqual(expected);
});

test("a step of the head on cached activations costs no more than what is written here", () => {
  const stages = createHead({ features: 512, classes: 2 }).slice(1);
  expect(stepCost(stages, [64, 1024], 2)).toEqual({ operators: 127, passes: 17, bytes: 50_350_012, flops: 201_719_808 });
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
