// The thaw side of a whole run: the default recipe by the public API, then the weights after each stage and the saved model on the test
// part. Prints one line of JSON.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { architectureOf, ConvLearner, ImageClassifierData, tfmsFromModel, train, transformsSideOn } from "../../dist/index.js";
import { readSafetensors } from "../../dist/nn/safetensors.js";
import { epochsOf } from "../../dist/recipe/choices/epochs.js";

const { root, network, weights, choices, seed, threads, ...task } = JSON.parse(process.argv[2]);
const { size = task.size, ...asked } = choices ?? {};
const model = join(root, "model");
const start = used();
let before = start;
const result = { stages: {}, chosen: {} };
/** Of each stage that trains: the parameters that it left changed; undefined if it was not kept. */
const left = {};
/** Of each stage the validation accuracy and loss after each epoch. */
const epochs = {};

const done = await train({
  folder: join(root, "seen"),
  arch: network,
  ...(weights && { weights }),
  ...asked,
  size,
  seed,
  threads,
  offline: true,
  cache: join(root, "cache"),
  out: model,
  onEvent(event) {
    if (event.event === "recipe") result.chosen = chosenOf(event.recipe);
    if (event.event === "probe") [result.probe, result.probeLoss] = [event.accuracy, event.loss];
    if (event.event === "lr") result.chosen[`lr of ${event.stage}`] = event.suggestion;
    if (event.event === "epoch") epochs[event.stage] = [...(epochs[event.stage] ?? []), [event.accuracy, event.validLoss]];
    if (event.event !== "stageEnd") return;
    if (event.name !== "tta") left[event.name] = event.kept ? bestOf(event.name, Object.keys(left).length) : undefined;
    const now = used();
    result.stages[event.name] = { accuracy: event.accuracy, kept: event.kept, ...difference(now, before) };
    before = now;
  },
});
const whole = difference(used(), start);
const { accuracy, ttaAccuracy } = done;
console.log(JSON.stringify({ ...result, epochs, ...whole, valid: { plain: accuracy, tta: ttaAccuracy }, test: await tested() }));

/** The parameters after the best epoch of the stage that has just ended, by its checkpoint. */
function bestOf(stage, index) {
  const stored = readSafetensors(readFileSync(join(`${model}.unfinished`, `${index + 1}-${stage}.safetensors`)), stage);
  return [...stored].flatMap(([name, tensor]) => (name.startsWith("best/") ? [[name.slice("best/".length), tensor]] : []));
}

/** What the saved model is worth on the test part, plain and with the views' weight that validation chose, and what the weights after each stage. */
async function tested() {
  const tfms = tfmsFromModel(architectureOf(network), size, { augTfms: transformsSideOn, maxZoom: 1.1 });
  const data = await ImageClassifierData.fromPaths(root, {
    trnName: "seen/train",
    valName: "seen/valid",
    testName: "test",
    tfms,
    seed,
    cache: join(root, "cache"),
  });
  const learner = await ConvLearner.load(model, data, { threads, seed });
  const plain = await learner.predict({ of: "test" });
  const { weight } = await learner.tta(4, { weight: "fitted" });
  const views = await learner.tta(4, { of: "test", weight });
  await learner.dispose();
  return {
    images: plain.files.length,
    plain: plain.accuracy,
    loss: plain.loss,
    tta: views.accuracy,
    ttaLoss: views.loss,
    viewWeight: weight,
    after: await testedByStage(data),
  };
}

async function testedByStage(data) {
  const learner = await ConvLearner.pretrained(architectureOf(network), data, { weights, threads, seed });
  const after = {};
  const test = async (stage) => {
    const { accuracy, loss } = await learner.predict({ of: "test" });
    after[stage] = { plain: accuracy, loss };
  };
  // A run begins with the probe where it can, and keeps it if no stage is better.
  if (result.probe !== undefined) {
    await learner.linearProbe({ start: true });
    await test("probe");
  }
  for (const [stage, parameters] of Object.entries(left)) {
    if (parameters) learner.parameters = new Map([...learner.parameters, ...parameters]);
    await test(stage);
  }
  await learner.dispose();
  return after;
}

function chosenOf({ bs, precision, bnFreeze, balance, stages: plan }) {
  const epochs = Object.fromEntries(plan.map((stage) => [stage.name, epochsOf(stage)]));
  return { bs, precision, bnFreeze, balance, epochs };
}

/** Time so far: of the processor in all threads, and by the clock. */
function used() {
  const { user, system } = process.cpuUsage();
  return { processorSeconds: (user + system) / 1e6, wallSeconds: performance.now() / 1000 };
}

function difference(now, then) {
  return {
    processorSeconds: now.processorSeconds - then.processorSeconds,
    wallSeconds: now.wallSeconds - then.wallSeconds,
  };
}
