// The linear probe beside the head that the recipe trains on cached activations, by the number of photographs of each class, and what it
// changes to begin that training from the probe. Writes bench/results/probe.csv (--results), a row for each head, and continues from the rows that exist.
//
//   node bench/head/probe.mjs --folder <photographs> … [--network thaw_small] [--network mobilenet_v2=<weights>] [--size 160] [--counts 10,50,Infinity]

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { basename } from "node:path";
import { parseArgs } from "node:util";
import { fitLinear, predictLinear } from "../../dist/index.js";
import { startingFromProbe } from "../../dist/learner/probe/head-start.js";
import { oneHot } from "../../dist/learner/task/one-hot.js";
import { meanAndDeviation } from "../mean.mjs";
import { bestOf, headStages, loadFeatures, logitsOf, measure, randomHead, session, subsetOf, trainHead, worthOf } from "./features.mjs";

const { values } = parseArgs({
  options: {
    folder: { type: "string", multiple: true, default: [] },
    network: { type: "string", multiple: true, default: ["thaw_small"] },
    size: { type: "string", default: "160" },
    counts: { type: "string", default: "10,50,Infinity" },
    seeds: { type: "string", default: "5" },
    cache: { type: "string", default: ".thaw/bench-head" },
    results: { type: "string", default: "bench/results/probe.csv" },
  },
});
const out = values.results;
const rows = existsSync(out) ? readFileSync(out, "utf8").trim().split("\n").slice(1) : [];
const HEADER = "network,size,data,per_class,seed,head,accuracy,loss,last_accuracy,last_loss,processor_seconds,l2_or_rate,date,processor";
const COUNTS = values.counts.split(",").map(Number);
const where = `${new Date().toISOString().slice(0, 10)},${cpus()[0].model.trim()}`;

for (const network of values.network)
  for (const folder of values.folder) {
    const features = await loadFeatures(folder, network, { size: Number(values.size), cache: values.cache });
    for (const perClass of COUNTS)
      for (let seed = 0; seed < Number(values.seeds); seed++) {
        const key = [network.split("=")[0], values.size, basename(folder), perClass, seed].join();
        if (!rows.some((row) => row.startsWith(`${key},`))) {
          for (const [head, result] of Object.entries(await compare(features, perClass, seed)))
            rows.push([key, head, ...result, where].join());
          writeFileSync(out, `${[HEADER, ...rows].join("\n")}\n`);
        }
      }
  }
summarise();

async function compare({ width, classes, train: all, valid }, perClass, seed) {
  const train = subsetOf(all, width, perClass, seed);
  const count = train.labels.length;
  const cycles = count < 500 ? [1, 2, 4, 8] : [1, 2, 4];
  const results = {};
  const matrix = { type: "float32", shape: [count, width], data: train.values };
  const probe = await timed(() => fitLinear(matrix, oneHot(train.labels, classes), { session, seed }));
  const outputs = await predictLinear(probe.result, matrix, session);
  const startOf = (stages, layers) =>
    startingFromProbe({ head: { hidden: layers }, outputs: classes }, randomHead(stages, width, seed), probe.result, outputs);
  const without = headStages(width, classes, []);
  const plain = { stages: without, start: startOf(without, []) };
  const probed = await measure(valid, width, classes, plain.stages, plain.start);
  results.probe = [...numbers(probed, probed), probe.seconds.toFixed(2), probe.result.l2];
  const hidden = headStages(width, classes, [512]);
  const heads = {
    "hidden layer": { stages: hidden, start: randomHead(hidden, width, seed) },
    "hidden layer from probe": { stages: hidden, start: startOf(hidden, [512]) },
    "no hidden layer": { stages: plain.stages, start: randomHead(plain.stages, width, seed) },
    "no hidden layer from probe": plain,
  };
  const started = worthOf(await logitsOf(valid, width, classes, hidden, heads["hidden layer from probe"].start), valid.labels, classes);
  if (Math.abs(started.loss - probed.loss) > 1e-3) throw new Error(`The start is not the probe: ${started.loss}, ${probed.loss}`);
  for (const [name, head] of Object.entries(heads)) {
    const { result, seconds } = await timed(() => trainHead({ train, valid, width, classes, seed, cycles, ...head }));
    results[name] = [...numbers(bestOf(result.epochs), result.epochs.at(-1)), seconds.toFixed(2), result.rate.toPrecision(3)];
  }
  console.log(
    perClass,
    seed,
    Object.entries(results)
      .map(([name, [accuracy, loss]]) => `${name} ${accuracy} ${loss}`)
      .join("; "),
  );
  return results;
}

function numbers(best, last) {
  return [best.accuracy, best.loss, last.accuracy, last.loss].map((value) => value.toFixed(4));
}

async function timed(work) {
  const before = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  return { result, seconds: (user + system) / 1e6 };
}

function summarise() {
  const groups = new Map();
  for (const row of rows) {
    const [network, size, data, perClass, , head, accuracy, loss, last, lastLoss, seconds] = row.split(",");
    const key = [network, size, data, perClass, head].join(", ");
    groups.set(key, [...(groups.get(key) ?? []), [accuracy, loss, last, lastLoss, seconds].map(Number)]);
  }
  for (const [key, its] of groups) {
    const [accuracy, loss, last, lastLoss, seconds] = [0, 1, 2, 3, 4].map((i) => meanAndDeviation(its.map((row) => row[i])));
    console.log(
      `${key}: ${(100 * accuracy[0]).toFixed(2)} ± ${(100 * accuracy[1]).toFixed(2)} %, loss ${loss[0].toFixed(3)}; last epoch ${(100 * last[0]).toFixed(2)} %, loss ${lastLoss[0].toFixed(3)}; ${seconds[0].toFixed(2)} s`,
    );
  }
}
