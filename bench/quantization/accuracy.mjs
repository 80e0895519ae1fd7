// Whether heads trained on 8-bit features are as good as heads trained on full precision: five folds, three seeds, both on the same images.
// Resumable: every head is a line of bench/results/quantization.csv. Features are computed once per precision, and held in memory.
//
//   node bench/quantization/accuracy.mjs --data dogscats=<folder> --data flowers=<folder> --network thaw_small --network mobilenet_v2=<weights>

import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { randomStream } from "../../dist/core/random.js";
import { tfmsFromModel } from "../../dist/data/augment/transforms.js";
import { ImageClassifierData } from "../../dist/data/image-data.js";
import { closePool, loadBatches } from "../../dist/data/load/loader.js";
import { activationBatches } from "../../dist/learner/frozen/batches.js";
import { evaluateBatches } from "../../dist/learner/frozen/evaluate.js";
import { openFrozenPart, quantizeFrozenPart } from "../../dist/learner/frozen/frozen-part.js";
import { collectRanges } from "../../dist/learner/frozen/ranges.js";
import { startParameters } from "../../dist/learner/models/pretrained.js";
import { cutNetwork, networkOf } from "../../dist/learner/network.js";
import { sgd } from "../../dist/learner/step/optimizer.js";
import { Trainer } from "../../dist/learner/step/trainer.js";
import { oneHot } from "../../dist/learner/task/one-hot.js";
import { architectureOf } from "../../dist/nn/catalogue.js";
import { inMemory } from "../activations.mjs";
import { report } from "./report.mjs";

const [FOLDS, EPOCHS, BATCH, RATE] = [5, 4, 64, 0.01];
const [OBSERVED, CHECKED] = [32, 64];

const { values } = parseArgs({
  options: {
    data: { type: "string", multiple: true, default: [] },
    network: { type: "string", multiple: true, default: ["thaw_small"] },
    cache: { type: "string", default: ".thaw/bench-quantization" },
    seeds: { type: "string", default: "3" },
    threads: { type: "string", default: "2" },
    results: { type: "string", default: "bench/results/quantization" },
  },
});
const session = { threads: Number(values.threads) };
const table = `${values.results}.csv`;
await mkdir("bench/results", { recursive: true });
const lines = (await readFile(table, "utf8").catch(() => "")).split("\n").slice(1).filter(Boolean);
if (lines.length === 0) await writeFile(table, "network,data,fold,seed,trained_on,validated_on,accuracy,difference\n");
const done = new Set(lines.map((line) => line.split(",").slice(0, 5).join()));

for (const network of values.network) for (const data of values.data) await compare(...network.split("="), ...pair(data));
await report(values.results);
await closePool();

function pair(text) {
  const at = text.indexOf("=");
  return [text.slice(0, at), text.slice(at + 1)];
}

async function compare(...settings) {
  const [name, weights, set, folder] = settings.length === 4 ? settings : [settings[0], undefined, ...settings.slice(1)];
  const architecture = architectureOf(name);
  const tfms = tfmsFromModel(architecture, architecture.size);
  const data = await ImageClassifierData.fromPaths(folder, { tfms, cache: values.cache });
  const items = [...data.train, ...data.valid];
  const network = networkOf(architecture, { hidden: [512], ps: [0.25, 0.5] }, data.c);
  const { frozen: body, trained: head } = cutNetwork(network, (group) => group === network.groups - 1);
  const frozen = openFrozenPart({
    stages: body,
    parameters: await startParameters(network, { weights, seed: 0 }),
    size: data.size,
    normalization: tfms,
    session,
  });
  const order = randomStream(0, "calibration").shuffle([...items.keys()]);
  const pixels = async (indices) => {
    const batches = [];
    for await (const batch of loadBatches({ items, spec: tfms.valid, batchSize: 16, order: indices, seed: 0, epoch: 0 }))
      batches.push(batch.pixels);
    return batches;
  };
  const images = { observed: await pixels(order.slice(0, OBSERVED)), checked: await pixels(order.slice(OBSERVED, OBSERVED + CHECKED)) };
  const calibration = await collectRanges(frozen.graph, images, session);
  const { difference } = calibration;
  const integer = quantizeFrozenPart(frozen, calibration, session);
  console.log(`${name} on ${set}: features differ by ${(100 * difference).toFixed(1)} %`);
  const features = {};
  for (const [precision, part] of Object.entries({ fp32: frozen, int8: integer }))
    features[precision] = await featuresOf(items, tfms.valid, part);
  const classes = data.c;
  for (let fold = 0; fold < FOLDS; fold++) {
    const shuffled = randomStream(0, "folds").shuffle([...items.keys()]);
    const [train, valid] = [shuffled.filter((_, i) => i % FOLDS !== fold), shuffled.filter((_, i) => i % FOLDS === fold)];
    for (let seed = 0; seed < Number(values.seeds); seed++)
      for (const trainedOn of ["fp32", "int8"]) {
        const key = [name, set, fold, seed, trainedOn].join();
        if (done.has(key)) continue;
        const parameters = await trainHead(features[trainedOn], {
          network,
          weights,
          head,
          items,
          train,
          classes,
          seed,
          itemShape: frozen.itemShape,
        });
        for (const validatedOn of new Set([trainedOn, "fp32"])) {
          const logits = await evaluateBatches(activationBatches(features[validatedOn], valid, 256, false), {
            stages: head,
            parameters,
            frozen,
            normalization: tfms,
            classes,
            count: items.length,
            session,
            task: "",
          });
          const right = valid.filter((item) => argmax(logits.subarray(item * classes, (item + 1) * classes)) === items[item].label).length;
          await appendFile(table, `${key},${validatedOn},${(right / valid.length).toFixed(6)},${difference.toFixed(4)}\n`);
        }
        console.log(key);
      }
  }
  await Promise.all([frozen.release(), integer.release()]);
}

/** What crosses the freeze point of all `items`, as the learner's batches take it. */
async function featuresOf(items, spec, { itemShape, run }) {
  const size = itemShape.reduce((product, length) => product * length, 1);
  const all = new Float32Array(items.length * size);
  const order = [...items.keys()];
  for await (const { pixels, indices } of loadBatches({ items, spec, batchSize: 32, order, seed: 0, epoch: 0 })) {
    const { data } = await run(pixels);
    for (const [row, index] of indices.entries()) all.set(data.subarray(row * size, (row + 1) * size), index * size);
  }
  return inMemory(all, itemShape);
}

async function trainHead(features, { network, weights, head, items, train, classes, seed, itemShape }) {
  const trainer = new Trainer({
    stages: head,
    inputType: "float32",
    itemShape,
    classes,
    parameters: await startParameters(network, { weights, seed }),
    trainable: () => true,
    bnFreeze: false,
    optimizer: sgd(),
    session,
    seed,
  });
  const steps = EPOCHS * Math.ceil(train.length / BATCH);
  let step = 0;
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    const order = randomStream(seed, "order", epoch).shuffle([...train]);
    for await (const { input, indices } of activationBatches(features, order, BATCH, true)) {
      const lr = (RATE / 2) * (1 + Math.cos((Math.PI * step) / steps));
      const targets = oneHot(
        indices.map((item) => items[item].label),
        classes,
      );
      await trainer.step({ input, targets }, { lrs: [lr, lr, lr], momentums: [0.9, 0.9, 0.9], weightDecays: [0, 0, 0] }, [step++]);
    }
  }
  const parameters = await trainer.snapshot();
  await trainer.release();
  return parameters;
}

function argmax(logits) {
  return logits.indexOf(Math.max(...logits));
}
