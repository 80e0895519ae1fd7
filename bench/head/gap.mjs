// Where thaw's first stage differs from fastai's in accuracy: the head of bench/fastai (three cycles of an epoch at the rate 0.01), with one
// thing changed at a time, over many seeds. Writes bench/results/gap.csv, a row for each head.
//
//   node bench/head/gap.mjs --folder <photographs> … --weights mobilenet_v2.safetensors --python <python with torch, torchvision, pillow>

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { randomStream } from "../../dist/core/random.js";
import { storage } from "../../dist/core/store/storage.node.js";
import { architectureOf, ConvLearner, ImageClassifierData, sgd, tfmsFromModel } from "../../dist/index.js";
import { DataPath } from "../../dist/learner/frozen/data-path.js";
import { meanAndDeviation } from "../mean.mjs";
import { bestOf, headStages, loadFeatures, randomHead, session, trainHead } from "./features.mjs";

const { values } = parseArgs({
  options: {
    folder: { type: "string", multiple: true, default: [] },
    weights: { type: "string" },
    python: { type: "string" },
    size: { type: "string", default: "128" },
    seeds: { type: "string", default: "20" },
    only: { type: "string", multiple: true },
    cache: { type: "string", default: ".thaw/bench-head" },
    results: { type: "string", default: "bench/results/gap.csv" },
  },
});
const HEADER = "data,variant,seed,best_accuracy,best_loss,last_accuracy,last_loss,date,processor";
const rows = existsSync(values.results) ? readFileSync(values.results, "utf8").trim().split("\n").slice(1) : [];
const where = `${new Date().toISOString().slice(0, 10)},${cpus()[0].model.trim()}`;
const [size, network] = [Number(values.size), `mobilenet_v2=${values.weights}`];

for (const folder of values.folder) {
  const data = basename(folder);
  const fp32 = await loadFeatures(folder, network, { size, cache: values.cache });
  const wanted = ([variant]) => !values.only || values.only.includes(variant);
  const needed = Object.entries(variants(fp32.width, fp32.classes, 0))
    .filter(wanted)
    .map(([, { features }]) => features);
  const sets = {
    fp32,
    int8: needed.includes("int8") && (await inEightBit(folder, fp32)),
    pillow: needed.includes("pillow") && pillow(folder, fp32),
  };
  const { width, classes } = fp32;
  for (let seed = 0; seed < Number(values.seeds); seed++)
    for (const [variant, { features = "fp32", ...settings }] of Object.entries(variants(width, classes, seed)).filter(wanted)) {
      if (rows.some((row) => row.startsWith([data, variant, seed, ""].join()))) continue;
      const stages = headStages(width, classes, [512]);
      const start = randomHead(stages, width, seed);
      const { train, valid } = sets[features];
      const { epochs } = await trainHead({ train, valid, width, classes, stages, start, cycles: [1, 1, 1], lr: 0.01, seed, ...settings });
      const [best, last] = [bestOf(epochs), epochs.at(-1)];
      rows.push(
        [data, variant, seed, best.accuracy.toFixed(4), best.loss.toFixed(4), last.accuracy.toFixed(4), last.loss.toFixed(4), where].join(),
      );
      writeFileSync(values.results, `${[HEADER, ...rows].join("\n")}\n`);
    }
}
for (const [key, its] of grouped()) {
  const column = (i) => meanAndDeviation(its.map((row) => Number(row.split(",")[i])));
  const [best, loss, last] = [column(3), column(4), column(5)];
  const error = (100 * best[1]) / Math.sqrt(its.length);
  console.log(
    `${key}: ${(100 * best[0]).toFixed(2)} ± ${error.toFixed(2)} %, loss ${loss[0].toFixed(4)}, last epoch ${(100 * last[0]).toFixed(2)} % (${its.length})`,
  );
}

function grouped() {
  const groups = new Map();
  for (const row of rows) {
    const key = row.split(",").slice(0, 2).join(", ");
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return groups;
}

/** The baseline, and what is changed in it. */
function variants(width, classes, seed) {
  return {
    thaw: {},
    "8-bit features": { features: "int8" },
    "Pillow's and PyTorch's features": { features: "pillow" },
    "last partial batch left out": { dropLast: true },
    "PyTorch's default initialisation": { start: uniformHead(width, classes, seed) },
    "weight decay 0.01": { wd: 0.01 },
    "batches of 32": { bs: 32 },
    "momentum 0.95": { optimizer: sgd({ momentum: 0.95 }) },
  };
}

/** torch.nn.Linear's own: weights and biases uniform within 1/√fan-in. */
function uniformHead(width, classes, seed) {
  const start = randomHead(headStages(width, classes, [512]), width, seed);
  for (const [layer, fanIn] of [
    ["head.fc0", width],
    ["head.fc1", 512],
  ])
    for (const name of ["weight", "bias"]) {
      const stream = randomStream(seed, "uniform", layer, name);
      const { shape, data } = start.get(`${layer}.${name}`);
      const drawn = data.map(() => stream.uniform(-1, 1) / Math.sqrt(fanIn));
      start.set(`${layer}.${name}`, { type: "float32", shape, data: drawn });
    }
  return start;
}

/** The training images' features as 8 bit gives them; validation is in full precision, as in a run. */
async function inEightBit(folder, fp32) {
  const architecture = architectureOf("mobilenet_v2");
  const data = await ImageClassifierData.fromPaths(folder, { tfms: tfmsFromModel(architecture, size), cache: values.cache, seed: 1 });
  const learner = await ConvLearner.pretrained(architecture, data, { weights: values.weights, cache: values.cache, threads: 1 });
  const { network, parameters } = learner;
  const onPrecision = (choice) => console.log(basename(folder), JSON.stringify(choice));
  const path = new DataPath({ network, data, seed: 1, session, cache: storage.open(values.cache), precision: "int8", onPrecision });
  const frozen = await path.open(network.groups - 1, parameters);
  const order = [...data.train.keys()];
  const train = new Float32Array(order.length * fp32.width);
  for await (const { input, indices } of await path.trainBatches(frozen, { order, epoch: 0, batchSize: 64, precompute: { views: 0 } }, {}))
    for (const [row, index] of indices.entries())
      train.set(input.data.subarray(row * fp32.width, (row + 1) * fp32.width), index * fp32.width);
  await path.release();
  await learner.dispose();
  return { ...fp32, train: { ...fp32.train, values: train } };
}

/** The features by Pillow and PyTorch of the same photographs in the same order. */
function pillow(folder, fp32) {
  const names = [...fp32.names.train, ...fp32.names.valid];
  mkdirSync(values.cache, { recursive: true });
  const out = join(values.cache, `${basename(folder)}-${size}.f32`);
  if (!existsSync(out)) {
    const task = join(values.cache, `${basename(folder)}-${size}.json`);
    writeFileSync(task, JSON.stringify({ root: folder, names, weights: values.weights, size, out }));
    execFileSync(values.python, [fileURLToPath(new URL("torch_features.py", import.meta.url)), task], { stdio: "inherit" });
  }
  const bytes = readFileSync(out);
  const all = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  const cut = fp32.train.labels.length * fp32.width;
  const differs = all.reduce((sum, value, i) => sum + Math.abs(value - (i < cut ? fp32.train.values[i] : fp32.valid.values[i - cut])), 0);
  const size1 = all.reduce((sum, value) => sum + Math.abs(value), 0);
  console.log(
    `${basename(folder)}: thaw's features differ from Pillow's and PyTorch's by ${((100 * differs) / size1).toFixed(3)} % of their size`,
  );
  return {
    ...fp32,
    train: { ...fp32.train, values: all.subarray(0, cut) },
    valid: { ...fp32.valid, values: all.subarray(cut) },
  };
}
