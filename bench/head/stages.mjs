// What the start of the cached stage does to the stage after it: heads that begin at random and as the linear probe are trained on the plain
// images, then on augmented views, a view each epoch. Writes bench/results/stages.csv, a row for each head.
//
//   node bench/head/stages.mjs --folder <photographs> … [--network thaw_small] [--views 3]

import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { basename } from "node:path";
import { parseArgs } from "node:util";
import { storage } from "../../dist/core/store/storage.node.js";
import {
  architectureOf,
  ConvLearner,
  fitLinear,
  ImageClassifierData,
  predictLinear,
  tfmsFromModel,
  transformsSideOn,
} from "../../dist/index.js";
import { DataPath } from "../../dist/learner/frozen/data-path.js";
import { startingFromProbe } from "../../dist/learner/probe/head-start.js";
import { oneHot } from "../../dist/learner/task/one-hot.js";
import { meanAndDeviation } from "../mean.mjs";
import { bestOf, headStages, loadFeatures, randomHead, session, subsetOf, trainHead } from "./features.mjs";

const { values } = parseArgs({
  options: {
    folder: { type: "string", multiple: true, default: [] },
    network: { type: "string", multiple: true, default: ["thaw_small"] },
    size: { type: "string", default: "160" },
    seeds: { type: "string", default: "5" },
    views: { type: "string", default: "3" },
    cache: { type: "string", default: ".thaw/bench-head" },
    results: { type: "string", default: "bench/results/stages.csv" },
  },
});
const where = `${new Date().toISOString().slice(0, 10)},${cpus()[0].model.trim()}`;
const rows = ["network,data,per_class,seed,start,cached_accuracy,cached_loss,augmented_accuracy,augmented_loss,date,processor"];

for (const network of values.network)
  for (const folder of values.folder) {
    const set = await loadFeatures(folder, network, { size: Number(values.size), cache: values.cache });
    const views = await loadViews(folder, network, set);
    for (const perClass of [50, Number.POSITIVE_INFINITY])
      for (let seed = 0; seed < Number(values.seeds); seed++)
        for (const [start, stages] of Object.entries(await compare(set, views, perClass, seed))) {
          const numbers = stages.flatMap(({ accuracy, loss }) => [accuracy.toFixed(4), loss.toFixed(4)]);
          rows.push([network.split("=")[0], basename(folder), perClass, seed, start, ...numbers, where].join());
          writeFileSync(values.results, `${rows.join("\n")}\n`);
          console.log(rows.at(-1));
        }
  }
for (const start of ["random", "probe"])
  for (const perClass of ["50", "Infinity"]) {
    const its = rows.map((row) => row.split(",")).filter((row) => row[4] === start && row[2] === perClass);
    const [cached, augmented] = [5, 7].map((i) => meanAndDeviation(its.map((row) => Number(row[i])))[0]);
    console.log(`${start}, ${perClass} per class: cached ${(100 * cached).toFixed(2)} %, augmented ${(100 * augmented).toFixed(2)} %`);
  }

async function compare({ width, classes, train: all, valid }, views, perClass, seed) {
  const train = subsetOf(all, width, perClass, seed);
  const seen = views.map((view) => subsetOf(view, width, perClass, seed));
  const count = train.labels.length;
  const stages = headStages(width, classes, [512]);
  const features = { type: "float32", shape: [count, width], data: train.values };
  const probe = await fitLinear(features, oneHot(train.labels, classes), { session, seed });
  const random = randomHead(stages, width, seed);
  const network = { head: { hidden: [512] }, outputs: classes };
  const starts = { random, probe: startingFromProbe(network, random, probe, await predictLinear(probe, features, session)) };
  const results = {};
  for (const [name, start] of Object.entries(starts)) {
    const shared = { valid, width, classes, stages, seed };
    const cached = await trainHead({ ...shared, train, start, cycles: count < 500 ? [1, 2, 4, 8] : [1, 2, 4] });
    const augmented = await trainHead({ ...shared, train: seen, start: cached.best, lr: cached.rate, cycles: [1, 1, 1] });
    results[name] = [bestOf(cached.epochs), bestOf([bestOf(cached.epochs), ...augmented.epochs])];
  }
  return results;
}

/** The training images' features in augmented views. */
async function loadViews(folder, network, { width, train: { labels } }) {
  const [name, weights] = network.split("=");
  const architecture = architectureOf(name);
  const tfms = tfmsFromModel(architecture, Number(values.size), { augTfms: transformsSideOn, maxZoom: 1.1 });
  const data = await ImageClassifierData.fromPaths(folder, { tfms, cache: values.cache, seed: 1 });
  const learner = await ConvLearner.pretrained(architecture, data, { ...(weights && { weights }), cache: values.cache, threads: 1 });
  const path = new DataPath({ network: learner.network, data, seed: 1, session, cache: storage.open(values.cache), precision: "fp32" });
  const frozen = await path.open(learner.network.groups - 1, learner.parameters);
  const views = [];
  for (let epoch = 0; epoch < Number(values.views); epoch++) {
    const all = new Float32Array(labels.length * width);
    const pass = { order: [...labels.keys()], epoch, batchSize: 64, precompute: { views: Number(values.views) } };
    for await (const { input, indices } of await path.trainBatches(frozen, pass, {}))
      for (const [row, index] of indices.entries()) all.set(input.data.subarray(row * width, (row + 1) * width), index * width);
    views.push({ values: all, labels });
  }
  await path.release();
  await learner.dispose();
  return views;
}
