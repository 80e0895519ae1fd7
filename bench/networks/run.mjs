// How good each network's features are, and what they cost: the first answer of a run, a linear classifier of features that are computed once,
// on several sets of photographs. Writes a row for each set and network to bench/results/networks/<kind of processor>.csv (--results), and
// continues from the rows that exist.
//
//   node bench/networks/run.mjs --set flowers=<folder> … --network thaw_small --network mobilenet_v2=<weights> … [--timed flowers]
//   node bench/networks/run.mjs --set … --network thaw_small@160 … --results bench/results/networks/sizes.csv      # at other sizes than its own

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { randomStream } from "../../dist/core/random.js";
import { architectureOf, ConvLearner, fitLinear, ImageClassifierData, predictLinear, tfmsFromModel } from "../../dist/index.js";
import { featuresOf } from "../../dist/interpret/features.js";
import { oneHot } from "../../dist/learner/task/one-hot.js";
import { processorKind } from "../processor.mjs";

const SEED = 42;
/** What is held out. */
const VALID = 0.2;
/** Photographs that times are for; a run computes so many of them in 8 bit, and the rest, for validation, in full precision. */
const [COUNT, TRAINED] = [2000, 1600];
const HEADER = "data,photographs,classes,network,size,median_accuracy,accuracies,fp32_seconds,int8_seconds,date,processor";

const { values } = parseArgs({
  options: {
    /** A name and a folder. */
    set: { type: "string", multiple: true, default: [] },
    /** A network, its size after an @ if it is not its own, and its weights if they are not the catalogue's first. */
    network: { type: "string", multiple: true, default: [] },
    /** The sets on which 8 bit is timed too. */
    timed: { type: "string", multiple: true, default: [] },
    /** The most photographs of a set; of larger sets a sample is drawn, the same share of every folder. */
    most: { type: "string", default: "1000" },
    seeds: { type: "string", default: "5" },
    results: { type: "string", default: `bench/results/networks/${processorKind()}.csv` },
  },
});
const session = { threads: 1 };
const rows = existsSync(values.results) ? readFileSync(values.results, "utf8").trim().split("\n").slice(1) : [];
mkdirSync(dirname(values.results), { recursive: true });

for (const set of values.set) {
  const [name, folder] = set.split("=");
  const missing = values.network.filter(
    (network) => !rows.some((row) => row.startsWith(`${name},`) && row.split(",").slice(3, 5).join("@") === placeOf(network).join("@")),
  );
  if (missing.length === 0) continue;
  const scratch = await mkdtemp(join(tmpdir(), "thaw-networks-"));
  try {
    const photographs = join(scratch, "photographs");
    await sample(folder, photographs, Number(values.most));
    for (const network of missing) {
      rows.push([name, ...(await measure(photographs, network, scratch, values.timed.includes(name)))].join());
      writeFileSync(values.results, `${[HEADER, ...rows].join("\n")}\n`);
      console.log(rows.at(-1));
    }
  } finally {
    await rm(scratch, { recursive: true });
  }
}

/** Name and size of a network that was given. */
function placeOf(network) {
  const [name, size] = network.split("=")[0].split("@");
  return [name, Number(size ?? architectureOf(name).size)];
}

/** Copies at most about `most` photographs of `from` to `to`. */
async function sample(from, to, most) {
  const tfms = tfmsFromModel(architectureOf("thaw_small"), 160);
  const { train, valid } = await ImageClassifierData.fromPaths(from, { tfms, seed: SEED });
  const folders = {};
  for (const name of [...train, ...valid].map((item) => item.name).sort()) {
    folders[dirname(name)] ??= [];
    folders[dirname(name)].push(name);
  }
  const share = Math.min(1, most / (train.length + valid.length));
  for (const [folder, names] of Object.entries(folders))
    for (const name of randomStream(SEED, "sample", folder)
      .shuffle(names)
      .slice(0, Math.ceil(names.length * share)))
      await cp(join(from, name), join(to, name));
}

/** One network on one set, on one thread: what threads wait for one another would count as processor time. */
async function measure(folder, network, scratch, isTimed) {
  const [name, size] = placeOf(network);
  const weights = network.split("=")[1];
  const architecture = architectureOf(name);
  const data = await ImageClassifierData.fromPaths(folder, { tfms: tfmsFromModel(architecture, size), seed: SEED });
  const learnerWith = (precision, cache) =>
    ConvLearner.pretrained(architecture, data, { weights, precision, cache, threads: 1, precompute: true });
  const learner = await learnerWith("fp32");
  const { result: features, seconds: fp32 } = await timed(() =>
    featuresOf(learner, { cache: join(scratch, "fp32", `${name}@${size}`), session }),
  );
  await learner.dispose();
  const accuracies = [];
  for (let seed = 1; seed <= Number(values.seeds); seed++) accuracies.push(await accuracyOf(features, data.c, seed));
  let int8;
  if (isTimed) {
    const cache = join(scratch, "int8", `${name}@${size}`);
    const find = async () => {
      const one = await learnerWith("int8", cache);
      const { seconds } = await timed(() => one.lrFind());
      await one.dispose();
      return seconds;
    };
    // The second time the activations are there, and what is left is the learning rate finder.
    const [cold, warm] = [await find(), await find()];
    int8 = ((cold - warm) / data.train.length) * TRAINED + (fp32 / features.items.length) * (COUNT - TRAINED);
  }
  return [
    features.items.length,
    data.c,
    name,
    size,
    accuracies.toSorted((a, b) => a - b)[Math.floor(accuracies.length / 2)].toFixed(4),
    accuracies.map((accuracy) => accuracy.toFixed(4)).join(" "),
    ((fp32 / features.items.length) * COUNT).toFixed(1),
    int8?.toFixed(1) ?? "",
    new Date().toISOString().slice(0, 10),
    cpus()[0].model.trim(),
  ];
}

/** The accuracy of a linear classifier on a fifth of the photographs, drawn with `seed`, that learnt from the others. */
async function accuracyOf({ items, width, values: all }, classes, seed) {
  const order = randomStream(seed, "split").shuffle([...items.keys()]);
  const held = Math.round(order.length * VALID);
  const [valid, train] = [order.slice(0, held), order.slice(held)];
  const matrixOf = (indices) => {
    const rowsOf = new Float32Array(indices.length * width);
    for (const [row, index] of indices.entries()) rowsOf.set(all.subarray(index * width, (index + 1) * width), row * width);
    return { type: "float32", shape: [indices.length, width], data: rowsOf };
  };
  const labels = (indices) => indices.map((index) => items[index].label);
  const probe = await fitLinear(matrixOf(train), oneHot(labels(train), classes), { session, seed });
  const data = await predictLinear(probe, matrixOf(valid), session);
  const right = labels(valid).filter((label, row) => {
    const outputs = [...data.subarray(row * classes, (row + 1) * classes)];
    return outputs.indexOf(Math.max(...outputs)) === label;
  });
  return right.length / held;
}

async function timed(work) {
  const before = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  return { result, seconds: (user + system) / 1e6 };
}
