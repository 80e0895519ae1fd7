// What a model's answers can be trusted with: the calibration error before and after a temperature, and how well scores tell photographs of
// another set from known ones. What is fitted, is fitted on one half of the validation images and measured on the other, over a hundred splits.
//
//   node bench/head/trust.mjs --folder <photographs> --folder <other photographs> [--network thaw_small] [--network mobilenet_v2=<weights>]

import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { basename } from "node:path";
import { parseArgs } from "node:util";
import { randomStream } from "../../dist/core/random.js";
import { metrics } from "../../dist/index.js";
import { bestOf, headStages, loadFeatures, logitsOf, meanAndDeviation, randomHead, trainHead } from "./features.mjs";
import { scoresOf } from "./scores.mjs";

const { values } = parseArgs({
  options: {
    folder: { type: "string", multiple: true, default: [] },
    network: { type: "string", multiple: true, default: ["thaw_small"] },
    size: { type: "string", default: "160" },
    heads: { type: "string", default: "3" },
    scores: { type: "string", default: "diagonal Mahalanobis,cosine to class means" },
    cache: { type: "string", default: ".thaw/bench-head" },
    results: { type: "string", default: "bench/results/trust.csv" },
  },
});
const [KEEP, SPLITS] = [0.95, 100];
const where = `${new Date().toISOString().slice(0, 10)},${cpus()[0].model.trim()}`;
const rows = ["network,data,other,measure,mean,deviation,date,processor"];

for (const network of values.network) {
  const sets = [];
  for (const folder of values.folder)
    sets.push({ name: basename(folder), ...(await loadFeatures(folder, network, { size: Number(values.size), cache: values.cache })) });
  for (const set of sets)
    for (const other of sets.filter(({ name }) => name !== set.name)) {
      const measured = new Map();
      const add = (measure, value) => measured.set(measure, [...(measured.get(measure) ?? []), value]);
      const distances = scoresOf(set, other, values.scores.split(","));
      for (let seed = 0; seed < Number(values.heads); seed++) await head(set, other, seed, distances, add);
      for (const [measure, all] of measured) {
        const [mean, deviation] = meanAndDeviation(all);
        rows.push([network.split("=")[0], set.name, other.name, measure, mean.toFixed(4), deviation.toFixed(4), where].join());
        console.log(rows.at(-1));
      }
      writeFileSync(values.results, `${rows.join("\n")}\n`);
    }
}

async function head(set, other, seed, distances, add) {
  const { width, classes, train, valid } = set;
  const stages = headStages(width, classes, [512]);
  const start = randomHead(stages, width, seed);
  const { parameters, epochs } = await trainHead({ train, valid, width, classes, stages, start, cycles: [1, 2, 4], lr: 0.01, seed });
  add("best accuracy", bestOf(epochs).accuracy);
  const logits = await logitsOf(valid, width, classes, stages, parameters);
  const strange = await logitsOf(other.train, width, classes, stages, parameters);
  for (let split = 0; split < SPLITS; split++) {
    const order = randomStream(split, "halves").shuffle([...valid.labels.keys()]);
    const [fit, held] = [order.slice(0, order.length / 2), order.slice(order.length / 2)];
    const pick = (of) => [
      Float32Array.from(of.flatMap((row) => [...logits.subarray(row * classes, (row + 1) * classes)])),
      Int32Array.from(of, (row) => valid.labels[row]),
    ];
    const temperature = metrics.fitTemperature(...pick(fit));
    const [heldLogits, targets] = pick(held);
    add("calibration error before", metrics.calibrationError(softmax(heldLogits, classes), targets));
    add(
      "calibration error after",
      metrics.calibrationError(
        softmax(
          heldLogits.map((x) => x / temperature),
          classes,
        ),
        targets,
      ),
    );
    const known = confidences(logits, classes, temperature);
    const unknown = confidences(strange, classes, temperature);
    const scores = { probability: [known, unknown], ...distances };
    for (const [name, [its, others]] of Object.entries(scores)) {
      const threshold = quantile(
        fit.map((row) => its[row]),
        1 - KEEP,
      );
      add(
        `${name}: known kept`,
        share(
          held.map((row) => its[row]),
          (score) => score >= threshold,
        ),
      );
      add(
        `${name}: others turned away`,
        share([...others], (score) => score < threshold),
      );
    }
  }
}

function softmax(logits, classes) {
  const result = new Float32Array(logits.length);
  for (let start = 0; start < logits.length; start += classes) {
    const its = logits.subarray(start, start + classes);
    const most = Math.max(...its);
    const powers = Array.from(its, (x) => Math.exp(x - most));
    const sum = powers.reduce((a, b) => a + b, 0);
    result.set(
      powers.map((power) => power / sum),
      start,
    );
  }
  return result;
}

function confidences(logits, classes, temperature) {
  const probabilities = softmax(
    logits.map((x) => x / temperature),
    classes,
  );
  return Float32Array.from({ length: logits.length / classes }, (_, row) =>
    Math.max(...probabilities.subarray(row * classes, (row + 1) * classes)),
  );
}

function quantile(scores, part) {
  const sorted = [...scores].sort((a, b) => a - b);
  return sorted[sorted.length - Math.ceil((1 - part) * sorted.length)];
}

function share(all, test) {
  return all.filter(test).length / all.length;
}
