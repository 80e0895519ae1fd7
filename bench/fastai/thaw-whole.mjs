// The thaw side of a whole run: the default recipe by the public API, then the saved model on the test part. Prints one line of JSON.

import { join } from "node:path";
import { architectureOf, ConvLearner, ImageClassifierData, tfmsFromModel, train, transformsSideOn } from "../../dist/index.js";
import { epochsOf } from "../../dist/recipe/choices/epochs.js";

const { root, network, weights, stages, size, seed, threads } = JSON.parse(process.argv[2]);
const start = used();
let before = start;
const result = { stages: {}, chosen: {} };

const done = await train({
  folder: join(root, "seen"),
  arch: network,
  ...(weights && { weights }),
  ...(stages && { stages }),
  size,
  seed,
  threads,
  offline: true,
  cache: join(root, "cache"),
  out: join(root, "model"),
  onEvent(event) {
    if (event.event === "recipe") result.chosen = chosenOf(event.recipe);
    if (event.event === "probe") result.probe = event.accuracy;
    if (event.event === "lr") result.chosen[`lr of ${event.stage}`] = event.suggestion;
    if (event.event !== "stageEnd") return;
    const now = used();
    result.stages[event.name] = { accuracy: event.accuracy, kept: event.kept, ...difference(now, before) };
    before = now;
  },
});
const whole = difference(used(), start);
const { accuracy, ttaAccuracy } = done;
console.log(JSON.stringify({ ...result, ...whole, valid: { plain: accuracy, tta: ttaAccuracy }, test: await tested() }));

/** What the saved model is worth on the test part, plain and with the views' weight that validation chose. */
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
  const learner = await ConvLearner.load(join(root, "model"), data, { threads, seed });
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
  };
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
