// Trains a small network: node --expose-gc steps.mjs <count>. Prints two resident sizes, see smallest-sizes.mjs.

import { zeros } from "../../dist/core/tensor.js";
import { sgd } from "../../dist/learner/step/optimizer.js";
import { Trainer } from "../../dist/learner/step/trainer.js";
import { initialiseParameters } from "../../dist/nn/initialise.js";
import { batchNorm, conv2d, dropout, linear, relu } from "../../dist/nn/layers.js";
import { averagePool } from "../../dist/nn/pooling.js";
import { describeParameters } from "../../dist/nn/scope.js";
import { printSizes } from "./smallest-sizes.mjs";

const [shape, targets] = [[8, 3, 16, 16], zeros("float32", [8, 10])];
const stages = [
  {
    name: "body",
    group: 0,
    apply: (scope, x) => relu(scope, batchNorm(scope, "bn", conv2d(scope, "conv", x, { channels: 16, kernel: 3, padding: 1 }))),
  },
  {
    name: "head",
    group: 1,
    apply: (scope, x) => linear(scope, "fc", dropout(scope, "drop", linear(scope, "fc0", averagePool(scope, x), 256), 0.5), 10),
  },
];
const trainer = new Trainer({
  stages,
  inputType: "float32",
  itemShape: shape.slice(1),
  classes: 10,
  parameters: initialiseParameters(describeParameters(stages, shape), "memory"),
  trainable: () => true,
  bnFreeze: false,
  optimizer: sgd(),
  session: { threads: 1 },
  seed: 1,
});
const settings = { lrs: [0.01, 0.01], momentums: [0.9, 0.9], weightDecays: [0, 0] };
for (let row = 0; row < 8; row++) targets.data[row * 10 + row] = 1;
await printSizes(Number(process.argv[2]), async (step) => {
  const input = zeros("float32", shape);
  for (let i = 0; i < input.data.length; i++) input.data[i] = Math.sin(i + step);
  await trainer.step({ input, targets }, settings, [step + 1]);
});
