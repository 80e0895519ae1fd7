// Feature vectors of a folder's photographs in memory, and heads trained on them: what the measurements of bench/head share.

import { randomStream } from "../../dist/core/random.js";
import { architectureOf, ConvLearner, ImageClassifierData, tfmsFromModel } from "../../dist/index.js";
import { featuresOf } from "../../dist/interpret/features.js";
import { activationBatches } from "../../dist/learner/frozen/batches.js";
import { evaluateBatches } from "../../dist/learner/frozen/evaluate.js";
import { findLearningRate } from "../../dist/learner/lr-find/finder.js";
import { exponentialRise } from "../../dist/learner/schedules/schedule.js";
import { sgd } from "../../dist/learner/step/optimizer.js";
import { Trainer } from "../../dist/learner/step/trainer.js";
import { oneHot } from "../../dist/learner/task/one-hot.js";
import { createHead } from "../../dist/nn/head.js";
import { initialiseParameters } from "../../dist/nn/initialise.js";
import { describeParameters } from "../../dist/nn/scope.js";
import { inMemory } from "../activations.mjs";

export const session = { threads: 1 };

/** Features and labels of the training and validation photographs of `folder`, under the pretrained `network` ("mobilenet_v2=<weights>"). */
export async function loadFeatures(folder, network, { size, cache }) {
  const [name, weights] = network.split("=");
  const architecture = architectureOf(name);
  const data = await ImageClassifierData.fromPaths(folder, { tfms: tfmsFromModel(architecture, size), cache, seed: 1 });
  const learner = await ConvLearner.pretrained(architecture, data, { ...(weights && { weights }), cache, threads: 1 });
  const { width, values } = await featuresOf(learner, { cache, session });
  await learner.dispose();
  const count = data.train.length;
  return {
    width,
    classes: data.c,
    train: { values: values.subarray(0, count * width), labels: data.train.map(({ label }) => label) },
    valid: { values: values.subarray(count * width), labels: data.valid.map(({ label }) => label) },
    names: { train: data.train.map((item) => item.name), valid: data.valid.map((item) => item.name) },
  };
}

/** `perClass` rows of each class, drawn with `seed`; all of them if it is Infinity. */
export function subsetOf({ values, labels }, width, perClass, seed) {
  const order = randomStream(seed, "subset").shuffle([...labels.keys()]);
  const taken = new Map();
  const rows = order.filter((row) => {
    taken.set(labels[row], (taken.get(labels[row]) ?? 0) + 1);
    return taken.get(labels[row]) <= perClass;
  });
  const subset = new Float32Array(rows.length * width);
  for (const [i, row] of rows.entries()) subset.set(values.subarray(row * width, (row + 1) * width), i * width);
  return { values: subset, labels: rows.map((row) => labels[row]) };
}

/** fastai's head for vectors of `width`, without its pooling. */
export function headStages(width, classes, hidden, ps) {
  return createHead({ features: width / 2, classes, hidden, ...(ps && { ps }) }).slice(1);
}

/** Random parameters of `stages`, as the learner draws them. */
export function randomHead(stages, width, seed) {
  return initialiseParameters(describeParameters(stages, [1, width]), seed, "head");
}

/**
 * Trains a head and measures it on `valid` after each epoch. `train` is a set of rows, or several for the epochs in turn. `cycles` are the lengths of cosine cycles; without `lr` the finder chooses the
 * rate. Returns each epoch's accuracy and loss, and the parameters after the best and the last.
 */
export async function trainHead({
  train,
  valid,
  width,
  classes,
  stages,
  start,
  cycles,
  lr,
  seed,
  bs = 64,
  wd = 0,
  dropLast = false,
  optimizer = sgd(),
}) {
  const options = { stages, inputType: "float32", itemShape: [width], classes, trainable: () => true, bnFreeze: false, session, seed };
  const sets = [train].flat().map((set) => inMemory(set.values, [width]));
  const { labels } = [train].flat()[0];
  const targets = (indices) =>
    oneHot(
      indices.map((i) => labels[i]),
      classes,
    );
  const count = labels.length;
  const batches = (epoch) => {
    const order = randomStream(seed, "order", epoch).shuffle([...labels.keys()]);
    return activationBatches(
      sets[typeof epoch === "number" ? epoch % sets.length : 0],
      dropLast && count >= bs ? order.slice(0, count - (count % bs)) : order,
      bs,
      true,
    );
  };
  const groups = Math.max(...stages.map(({ group }) => group)) + 1;
  const each = (value) => Array.from({ length: groups }, () => value);
  const perEpoch = Math.max(1, dropLast ? Math.floor(count / bs) : Math.ceil(count / bs) - (count > bs && count % bs === 1 ? 1 : 0));
  let rate = lr;
  if (rate === undefined) {
    const trainer = new Trainer({ ...options, parameters: start, optimizer });
    const steps = Math.max(100, perEpoch);
    const all = (async function* () {
      for (let round = 0; ; round++) yield* batches(`finder ${round}`);
    })();
    const found = await findLearningRate({
      trainer,
      batches: all,
      steps,
      targets,
      rate: exponentialRise(1e-5, 10, steps),
      ratios: each(1),
      weightDecays: each(wd),
      momentum: optimizer.momentum,
    });
    await trainer.release();
    rate = found.suggestion ?? 1e-2;
  }
  const trainer = new Trainer({ ...options, parameters: start, optimizer });
  const epochs = [];
  let [step, best] = [0, undefined];
  try {
    for (const length of cycles) {
      const total = length * perEpoch;
      for (let epoch = 0, at = 0; epoch < length; epoch++) {
        for await (const { input, indices } of batches(epochs.length)) {
          const settings = {
            lrs: each((rate / 2) * (1 + Math.cos((Math.PI * at++) / total))),
            momentums: each(optimizer.momentum),
            weightDecays: each(wd),
          };
          await trainer.step({ input, targets: targets(indices) }, settings, [step++]);
        }
        const now = await trainer.snapshot();
        epochs.push(await measure(valid, width, classes, stages, now));
        if (bestOf(epochs) === epochs.at(-1)) best = now;
      }
    }
    return { epochs, rate, best, parameters: await trainer.snapshot() };
  } finally {
    await trainer.release();
  }
}

/** Accuracy and cross-entropy of a head on `part`. */
export async function measure(part, width, classes, stages, parameters) {
  return worthOf(await logitsOf(part, width, classes, stages, parameters), part.labels, classes);
}

export async function logitsOf(part, width, classes, stages, parameters) {
  const batches = activationBatches(inMemory(part.values, [width]), [...part.labels.keys()], 256, false);
  const frozen = { itemShape: [width], type: "float32" };
  return evaluateBatches(batches, { stages, parameters, frozen, classes, count: part.labels.length, session, task: "" });
}

export function worthOf(logits, labels, classes) {
  let [right, loss] = [0, 0];
  for (const [row, label] of labels.entries()) {
    const its = logits.subarray(row * classes, (row + 1) * classes);
    const most = Math.max(...its);
    if (its[label] === most) right++;
    loss += Math.log(its.reduce((sum, logit) => sum + Math.exp(logit - most), 0)) + most - its[label];
  }
  return { accuracy: right / labels.length, loss: loss / labels.length };
}

/** The epoch that a run keeps. */
export function bestOf(epochs) {
  return epochs.reduce((a, b) => (b.accuracy > a.accuracy || (b.accuracy === a.accuracy && b.loss < a.loss) ? b : a));
}
