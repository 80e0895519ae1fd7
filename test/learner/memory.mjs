// Run by memory.test.ts in a process of its own, so that nothing else grows: 1,000 steps of a small convolutional network.
// Prints the resident size in bytes after 100 and after 1,000 steps as JSON.

import { randomStream } from "../../dist/core/random.js";
import { zeros } from "../../dist/core/tensor.js";
import { sgd } from "../../dist/learner/step/optimizer.js";
import { Trainer } from "../../dist/learner/step/trainer.js";
import { initialiseParameters } from "../../dist/nn/initialise.js";
import { batchNorm, conv2d, dropout, linear, relu } from "../../dist/nn/layers.js";
import { averagePool } from "../../dist/nn/pooling.js";
import { describeParameters } from "../../dist/nn/scope.js";

const body = (scope, x) => relu(scope, batchNorm(scope, "bn", conv2d(scope, "conv", x, { channels: 64, kernel: 3, padding: 1 })));
const hidden = (scope, x) => relu(scope, linear(scope, "fc1", relu(scope, linear(scope, "fc0", averagePool(scope, x), 2048)), 1024));
const head = (scope, x) => linear(scope, "fc2", dropout(scope, "drop", hidden(scope, x), 0.5), 10);
const stages = [
  { name: "body", group: 0, apply: body },
  { name: "head", group: 1, apply: head },
];
const trainer = new Trainer({
  stages,
  inputType: "float32",
  itemShape: [3, 16, 16],
  classes: 10,
  parameters: initialiseParameters(describeParameters(stages, [8, 3, 16, 16]), "memory"),
  trainable: () => true,
  bnFreeze: false,
  optimizer: sgd(),
  session: {},
  seed: 1,
});
const random = randomStream("memory");
const settings = { lrs: [0.01, 0.01], momentums: [0.9, 0.9], weightDecays: [0, 0] };
// The engine's work space comes and goes by some megabytes: the smallest of fifty readings is what stays.
const sizes = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
for (let step = 1; step <= 1050; step++) {
  const input = zeros("float32", [8, 3, 16, 16]);
  for (let i = 0; i < input.data.length; i++) input.data[i] = random.uniform(-1, 1);
  const targets = zeros("float32", [8, 10]);
  for (let row = 0; row < 8; row++) targets.data[row * 10 + random.integer(0, 9)] = 1;
  await trainer.step({ input, targets }, settings, [step]);
  // At every step, or the first window would see garbage of the steps before it given back, and the second see it kept.
  globalThis.gc();
  const window = step > 100 && step <= 150 ? 0 : step > 1000 ? 1 : undefined;
  if (window === undefined) continue;
  sizes[window] = Math.min(sizes[window], process.memoryUsage().rss);
}
process.stdout.write(JSON.stringify(sizes));
