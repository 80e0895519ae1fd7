// The thaw side: the recipe's stages on request, with the package as it was built. Each is answered with its seconds and what it came to.

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { ConvLearner, ImageClassifierData, mobileNetV2, tfmsFromModel, transformsSideOn } from "thaw";

const { seed, size, threads, weights, root, cache, items } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
const stages = {
  async cached() {
    learner = await open();
    return best(await learner.fit(0.01, 3, { cycleLen: 1, best: true }));
  },
  async augmented() {
    learner.precompute = false;
    return best(await learner.fit(0.01, 2, { cycleLen: 1, best: true }));
  },
  async unfrozen() {
    learner.unfreeze();
    return best(await learner.fit([1e-4, 1e-3, 1e-2], 1, { cycleLen: 2, best: true }));
  },
  async tta() {
    const { accuracy, loss } = await learner.tta(4);
    return { accuracy, loss };
  },
};
let learner;

console.log(JSON.stringify({ thaw: version, node: process.version }));
for await (const stage of createInterface({ input: process.stdin })) {
  const start = performance.now();
  const result = await stages[stage]();
  console.log(JSON.stringify({ seconds: (performance.now() - start) / 1000, ...result }));
}
await learner?.dispose();

/** Reading and checking the photographs belongs to the first stage. */
async function open() {
  const data = await ImageClassifierData.fromNamesAndArray(
    root,
    items.map(({ file }) => file),
    items.map(({ label }) => label),
    {
      tfms: tfmsFromModel(mobileNetV2, size, { augTfms: transformsSideOn, maxZoom: 1.1 }),
      valIdxs: items.flatMap(({ valid }, i) => (valid ? [i] : [])),
      bs: 64,
      seed,
      cache,
    },
  );
  return ConvLearner.pretrained(mobileNetV2, data, { precompute: true, precision: "auto", weights, seed, threads, cache });
}

/** The epoch that counts: the highest accuracy, of equal ones the lowest validation loss. Its weights are kept. */
function best(epochs) {
  const { accuracy, validLoss } = epochs.reduce((a, b) =>
    b.accuracy > a.accuracy || (b.accuracy === a.accuracy && b.validLoss < a.validLoss) ? b : a,
  );
  return { accuracy, loss: validLoss };
}
