// Prints what the training step of each network costs, counted from its graph: node bench/engine/cost.mjs (after npm run build).
// src/learner/step/training-step.test.ts holds such numbers exactly.

import { costOf } from "../../dist/graph/cost.js";
import { lower } from "../../dist/graph/lower.js";
import { sgd } from "../../dist/learner/step/optimizer.js";
import { buildTrainingStep } from "../../dist/learner/step/training-step.js";
import { createHead } from "../../dist/nn/head.js";
import { stagesOf } from "./tasks.mjs";

/** Channels that the CPU kernels keep together, on processors with AVX2. */
const BLOCK = 8;

const steps = [
  ["resnet34", stagesOf("resnet34"), [16, 3, 224, 224], 1000],
  ["mobilenet_v2", stagesOf("mobilenet_v2"), [16, 3, 224, 224], 1000],
  ["thaw_small", stagesOf("thaw_small"), [16, 3, 160, 160], 1000],
  ["head 1024→512→2", createHead({ features: 512, classes: 2 }).slice(1), [64, 1024], 2],
];

console.log("| training step of all layers | input | operators | passes | GB read and written | GFLOP of products |");
console.log("| --- | --- | ---: | ---: | ---: | ---: |");
for (const [name, stages, inputShape, classes] of steps) {
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
  const { operators, passes, bytes, flops } = costOf(lower(graph, { block: BLOCK }));
  console.log(
    `| ${name} | ${inputShape.join("×")} | ${operators} | ${passes} | ${(bytes / 1e9).toFixed(2)} | ${(flops / 1e9).toFixed(1)} |`,
  );
}
