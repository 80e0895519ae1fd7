// What thaw does in one round of each kind of row. bench/rivals/torch_worker.py does the same work in PyTorch.

import { readFileSync } from "node:fs";
import { inferenceGraph } from "../../dist/classifier/inference.js";
import { randomStream } from "../../dist/core/random.js";
import { sizeOf } from "../../dist/core/tensor.js";
import { quantize } from "../../dist/graph/quantize.js";
import { activationBatches, ofOneSize } from "../../dist/learner/frozen/batches.js";
import { collectRanges } from "../../dist/learner/frozen/ranges.js";
import { sgd } from "../../dist/learner/step/optimizer.js";
import { Trainer } from "../../dist/learner/step/trainer.js";
import { oneHot } from "../../dist/learner/task/one-hot.js";
import { architectureOf } from "../../dist/nn/catalogue.js";
import { createHead } from "../../dist/nn/head.js";
import { initialiseParameters } from "../../dist/nn/initialise.js";
import { readSafetensors } from "../../dist/nn/safetensors.js";
import { describeParameters } from "../../dist/nn/scope.js";
import { openSession } from "../../dist/runtime/session.js";
import { inMemory } from "../activations.mjs";

/** Returns the function that does one round of `task`; it gives the losses of a training row's steps, or the outputs of a forward row's pass. */
export function taskOf(task, session) {
  return { forward, train, head }[task.kind](task, session);
}

export function uniform(shape, key) {
  const random = randomStream(key);
  return { type: "float32", shape, data: Float32Array.from({ length: sizeOf(shape) }, () => random.uniform(0, 1)) };
}

/** The published network: body, pooling and 1,000-way classifier; thaw's own has no classifier, and gets fastai's head. */
export function stagesOf(name) {
  const { body, classifier, features } = architectureOf(name);
  return classifier.length > 0 ? [...body, ...classifier] : [...body, ...createHead({ features, classes: 1000 })];
}

/** The graph of a row's forward pass, in 8 bit where it asks for that, and images to run it on. */
export async function forwardGraph({ network, batch, size, precision = "fp32" }, session) {
  const stages = stagesOf(network);
  const shape = [batch, 3, size, size];
  const parameters = initialiseParameters(describeParameters(stages, shape), "bench");
  const graph = inferenceGraph({ stages, parameters, inputType: "float32", inputShape: ["batch", 3, size, size] });
  const input = uniform(shape, "images");
  const calibrated = precision === "int8" ? await collectRanges(graph, { observed: [input], checked: [input] }, session) : undefined;
  return { graph: calibrated ? quantize(graph, calibrated) : graph, input };
}

async function forward(task, session) {
  const { graph, input } = await forwardGraph(task, session);
  const compiled = await openSession(graph, session);
  return async () => {
    let outputs;
    for (let i = 0; i < task.steps; i++) outputs = await compiled.run({ input });
    return outputs;
  };
}

/** A trainer of all `stages` for items of `itemShape`, from the weights `given` and else random ones, and its steps' settings. */
export function trainerOf(stages, itemShape, classes, session, { lr = 0.01, given } = {}) {
  const groups = Math.max(...stages.map((stage) => stage.group)) + 1;
  const trainer = new Trainer({
    stages,
    inputType: "float32",
    itemShape,
    classes,
    parameters: new Map([...initialiseParameters(describeParameters(stages, [2, ...itemShape]), "bench"), ...(given ?? [])]),
    trainable: () => true,
    bnFreeze: false,
    optimizer: sgd(),
    session,
    seed: 1,
  });
  const each = (value) => Array(groups).fill(value);
  return { trainer, settings: { lrs: each(lr), momentums: each(0.9), weightDecays: each(1e-4) } };
}

/** The weights that ship with thaw, from which rounding errors grow less than from random ones; undefined for a network without. */
function shippedWeights(network) {
  const { shipped } = architectureOf(network);
  return shipped && readSafetensors(readFileSync(new URL(`../../weights/${shipped}`, import.meta.url)), shipped);
}

async function train({ network, batch, size, steps, lr }, session) {
  const { trainer, settings } = trainerOf(stagesOf(network), [3, size, size], 1000, session, { lr, given: shippedWeights(network) });
  const input = uniform([batch, 3, size, size], "images");
  const targets = oneHot(
    Array.from({ length: batch }, (_, i) => i),
    1000,
  );
  let count = 0;
  return async () => {
    const losses = [];
    for (let i = 0; i < steps; i++) losses.push(await trainer.step({ input, targets }, settings, [count++]));
    return losses;
  };
}

async function head({ features, hidden, classes, rows, batch, steps }, session) {
  const stages = createHead({ features: features / 2, classes, hidden: [hidden] }).slice(1);
  const { trainer, settings } = trainerOf(stages, [features], classes, session);
  const { data } = uniform([rows, features], "rows");
  const activations = inMemory(data, [features]);
  let epoch = 0;
  return async () => {
    for (let i = 0; i < steps; i++) {
      const order = randomStream(1, "order", epoch++)
        .shuffle([...Array(rows).keys()])
        .slice(0, rows - (rows % batch));
      let step = 0;
      for await (const some of ofOneSize(activationBatches(activations, order, batch, true), () => trainer.together(batch)))
        await trainer.steps(
          some.map(({ input, indices }) => {
            const labels = indices.map((index) => index % classes);
            return { batch: { input, targets: oneHot(labels, classes) }, settings, key: [epoch, step++] };
          }),
        );
    }
  };
}
