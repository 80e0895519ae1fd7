// What a model's answers can be trusted with: calibration before and after what is fitted to the validation photographs, and how well scores
// tell other sets' photographs from known ones. Five folds: each photograph is judged once, by a head that saw neither it nor its label, and
// by a calibration that was fitted to a fifth of the others. Writes bench/results/trust.csv; bench/results/trust.md is about it.
//
//   node bench/head/calibration.mjs --folder <photographs> --folder <other photographs> [--network thaw_small] [--network mobilenet_v2=<weights>]

import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { basename } from "node:path";
import { parseArgs } from "node:util";
import { randomStream } from "../../dist/core/random.js";
import { architectureOf, fitLinear, metrics, predictLinear } from "../../dist/index.js";
import { startingFromProbe } from "../../dist/learner/probe/head-start.js";
import { oneHot } from "../../dist/learner/task/one-hot.js";
import { meanAndDeviation } from "../mean.mjs";
import { processorKind } from "../processor.mjs";
import { CALIBRATIONS, softmax } from "./calibrations.mjs";
import { headStages, loadFeatures, logitsOf, randomHead, session, trainHead } from "./features.mjs";

const { values } = parseArgs({
  options: {
    folder: { type: "string", multiple: true, default: [] },
    network: { type: "string", multiple: true, default: ["thaw_small"] },
    seeds: { type: "string", default: "2" },
    cache: { type: "string", default: ".thaw/bench-head" },
    results: { type: "string", default: "bench/results/trust.csv" },
  },
});
const [KEEP, FOLDS, SHOWN_BY_CHANCE, MOST_LEFT_OUT] = [0.95, 5, 20, 10];
/** How much the logit counts beside the distance. */
const LOGIT = 0.35;
const where = `${new Date().toISOString().slice(0, 10)},${cpus()[0].model.trim()} (${processorKind()})`;
const rows = ["network,size,data,photographs,classes,measure,seed,value,date,processor"];

for (const network of values.network) {
  const name = network.split("=")[0];
  const { size } = architectureOf(name);
  const sets = [];
  for (const folder of values.folder) {
    const { width, classes, train, valid } = await loadFeatures(folder, network, { size, cache: values.cache });
    const all = new Float32Array(train.values.length + valid.values.length);
    all.set(train.values);
    all.set(valid.values, train.values.length);
    sets.push({ name: basename(folder), width, classes, values: all, labels: [...train.labels, ...valid.labels] });
  }
  for (const set of sets)
    for (let seed = 0; seed < Number(values.seeds); seed++) {
      const measured = await measureSet(
        set,
        sets.filter((other) => other !== set),
        seed,
      );
      for (const [measure, value] of measured)
        rows.push([name, size, set.name, set.labels.length, set.classes, measure, seed, value.toFixed(4), where].join());
      console.log(name, set.name, seed, [...measured].map(([measure, value]) => `${measure} ${value.toFixed(4)}`).join("; "));
      writeFileSync(values.results, `${rows.join("\n")}\n`);
    }
}

/** Mean measures over the folds; calibration is measured on the predictions of all folds together. */
async function measureSet(set, others, seed) {
  const { width, classes } = set;
  const folds = foldsOf(set.labels, seed);
  const probabilities = new Map(Object.keys(CALIBRATIONS).map((name) => [name, []]));
  const shares = new Map();
  const add = (measure, value) => shares.set(measure, [...(shares.get(measure) ?? []), value]);
  const targets = [];
  for (let fold = 0; fold < FOLDS; fold++) {
    const test = pick(set, folds[fold]);
    const rest = pick(set, folds.toSpliced(fold, 1).flat());
    const [first, ...more] = foldsOf(rest.labels, seed);
    const [valid, train] = [pick(rest, first), pick(rest, more.flat())];
    const { stages, parameters } = await headFor(train, valid, set, seed);
    const logits = (part) => logitsOf(part, width, classes, stages, parameters);
    const [validLogits, testLogits] = [await logits(valid), await logits(test)];
    targets.push(...test.labels);
    add("accuracy", accuracyOf(testLogits, test.labels, classes));
    const calibrated = {};
    for (const [name, calibration] of Object.entries(CALIBRATIONS)) {
      calibrated[name] = calibration(validLogits, valid.labels, classes);
      probabilities.get(name).push(...calibrated[name](testLogits));
    }
    add("left-out class turned away by distance", leftOut(train, valid, test, classes));
    const known = metrics.fitKnownClasses(train.values, train.labels, classes);
    const distance = ({ values: its }) => metrics.distancesToKnown(its, known);
    const doubt = (its) => highest(calibrated["temperature and one more"](its), classes).map((probability) => 1 - probability);
    const withLogit = distanceAndLogit(distance(valid), validLogits, classes);
    const scores = {
      distance: [distance(valid), distance(test)],
      probability: [doubt(validLogits), doubt(testLogits)],
      "distance and logit": [withLogit(distance(valid), validLogits), withLogit(distance(test), testLogits)],
    };
    const limits = Object.fromEntries(
      Object.entries(scores).map(([score, [ofValid]]) => [score, metrics.fitDistanceLimit(ofValid, { keep: KEEP })]),
    );
    for (const [score, [, ofTest]] of Object.entries(scores))
      add(
        `kept by ${score}`,
        share(ofTest, (value) => value <= limits[score]),
      );
    for (const other of others) {
      const [far, outputs] = [distance(other), await logits(other)];
      const away = { distance: far, probability: doubt(outputs), "distance and logit": withLogit(far, outputs) };
      for (const [score, ofOther] of Object.entries(away))
        add(
          `${other.name} turned away by ${score}`,
          share(ofOther, (value) => value > limits[score]),
        );
    }
  }
  const measured = new Map();
  for (const [measure, all] of shares) measured.set(measure, all.reduce((a, b) => a + b, 0) / all.length);
  for (const [name, all] of probabilities) {
    const predicted = Float32Array.from(all);
    measured.set(`calibration error: ${name}`, metrics.calibrationError(predicted, targets));
    measured.set(`by chance: ${name}`, errorByChance(predicted, classes, seed));
    measured.set(`log-loss: ${name}`, metrics.logLoss(predicted, targets));
  }
  return measured;
}

/** Distance, less a part of the highest logit, each in its standard deviations over the validation photographs. */
function distanceAndLogit(distances, logits, classes) {
  const [, ofDistance] = meanAndDeviation([...distances]);
  const [, ofLogit] = meanAndDeviation([...highest(logits, classes)]);
  return (far, outputs) => {
    const top = highest(outputs, classes);
    return far.map((value, row) => value / ofDistance - (LOGIT * top[row]) / ofLogit);
  };
}

/** The calibration error that probabilities which are right show in as many photographs: labels are drawn from them. */
function errorByChance(predicted, classes, seed) {
  const random = randomStream(seed, "by chance");
  let sum = 0;
  for (let round = 0; round < SHOWN_BY_CHANCE; round++) {
    const drawn = Array.from({ length: predicted.length / classes }, (_, row) => {
      let left = random.uniform(0, 1);
      for (let label = 0; label < classes; label++) {
        left -= predicted[row * classes + label];
        if (left < 0) return label;
      }
      return classes - 1;
    });
    sum += metrics.calibrationError(predicted, drawn);
  }
  return sum / SHOWN_BY_CHANCE;
}

/** The head of a run's first stage: from the linear probe, the best epoch by validation. */
async function headFor(train, valid, { width, classes }, seed) {
  const stages = headStages(width, classes, [512]);
  const matrix = { type: "float32", shape: [train.labels.length, width], data: train.values };
  const probe = await fitLinear(matrix, oneHot(train.labels, classes), { session, seed });
  const outputs = await predictLinear(probe, matrix, session);
  const start = startingFromProbe({ head: { hidden: [512] }, outputs: classes }, randomHead(stages, width, seed), probe, outputs);
  const { best } = await trainHead({ train, valid, width, classes, stages, start, cycles: [1, 2, 4], lr: 0.01, seed });
  return { stages, parameters: best };
}

/** The rows in FOLDS parts with as many of each class. */
function foldsOf(labels, seed) {
  const order = randomStream(seed, "folds").shuffle([...labels.keys()]);
  const folds = Array.from({ length: FOLDS }, () => []);
  for (const [i, row] of order.sort((a, b) => labels[a] - labels[b]).entries()) folds[i % FOLDS].push(row);
  return folds;
}

function pick({ values: all, width, labels }, of) {
  const picked = new Float32Array(of.length * width);
  for (const [i, row] of of.entries()) picked.set(all.subarray(row * width, (row + 1) * width), i * width);
  return { values: picked, labels: of.map((row) => labels[row]), width };
}

/** The share of a class's photographs that are turned away if only the other classes are known: of up to MOST_LEFT_OUT classes, in turn. */
function leftOut(train, valid, test, classes) {
  let [away, all] = [0, 0];
  for (let left = 0; left < Math.min(classes, MOST_LEFT_OUT); left++) {
    const only = (part, test) =>
      pick(
        part,
        [...part.labels.keys()].filter((row) => test(part.labels[row])),
      );
    const others = only(train, (label) => label !== left);
    const known = metrics.fitKnownClasses(
      others.values,
      others.labels.map((label) => (label > left ? label - 1 : label)),
      classes - 1,
    );
    const near = metrics.distancesToKnown(only(valid, (label) => label !== left).values, known);
    const limit = metrics.fitDistanceLimit(near, { keep: KEEP });
    const strange = metrics.distancesToKnown(only(test, (label) => label === left).values, known);
    away += strange.filter((value) => value > limit).length;
    all += strange.length;
  }
  return away / all;
}

function accuracyOf(logits, labels, classes) {
  return metrics.topKAccuracy(softmax(logits, classes), labels, 1);
}

function highest(probabilities, classes) {
  return Float64Array.from({ length: probabilities.length / classes }, (_, row) =>
    probabilities.subarray(row * classes, (row + 1) * classes).reduce((a, b) => Math.max(a, b)),
  );
}

function share(all, test) {
  return all.filter(test).length / all.length;
}
