// Trains the backbone that thaw ships: node training/distill.mjs --settings <file> --data <folder> --teacher <file> --judged <folder,folder>
// --out <folder>. First block by block, then joined. The same command goes on from the last checkpoint; log.csv in the output folder has a
// line for every round of steps from the first on.

import { existsSync } from "node:fs";
import { appendFile, mkdir, readFile, writeFile as write } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { writeFile } from "../dist/core/files.node.js";
import { randomStream } from "../dist/core/random.js";
import { float32 } from "../dist/core/tensor.js";
import { GraphBuilder } from "../dist/graph/builder.js";
import { initialiseParameters } from "../dist/nn/initialise.js";
import { readSafetensors, writeSafetensors } from "../dist/nn/safetensors.js";
import { describeParameters, inferenceScope } from "../dist/nn/scope.js";
import { openSession } from "../dist/runtime/session.js";
import { distillation, mapShapes, mapStatistics, openTeacher, PARTS, prepare, scaledLikeTeacher, stageOf } from "./distillation.mjs";
import { listPhotographs, mixedBatches } from "./photographs.mjs";

const { values: flags } = parseArgs({
  options: {
    /** Seed, size, copies, rates, steps and weights of the loss of both phases, sources and augmentation. */
    settings: { type: "string" },
    data: { type: "string" },
    teacher: { type: "string" },
    judged: { type: "string" },
    out: { type: "string" },
    /** A file {"blocks": n, "joined": n} with other numbers of steps; it is read again at each checkpoint, so a run can be made to end in time. */
    steps: { type: "string" },
    /** A checkpoint of an earlier run to start from instead of the seeded draw, or weights that ship. */
    from: { type: "string" },
  },
});
const settings = JSON.parse(await readFile(flags.settings, "utf8"));
const { seed, size, sources, copies, stepsBetweenMeans } = settings;
const batchSize = sources.reduce((sum, { perBatch }) => sum + perBatch, 0);
/** Steps of all copies from one averaging to the next. */
const round = copies * stepsBetweenMeans;
const checkpointFile = join(flags.out, "checkpoint.safetensors");
const logFile = join(flags.out, "log.csv");
const heldOutFile = join(flags.out, "held-out.csv");
const SECONDS_BETWEEN_CHECKPOINTS = 120;
const SECONDS_BETWEEN_JUDGEMENTS = 480;
const COLUMNS = ["loss", ...PARTS];
const NOT_BEGUN = -1;

await mkdir(flags.out, { recursive: true });
const lists = await listPhotographs(sources, flags.data, flags.judged.split(","));
for (const { folder, items, leftOut, judged } of lists)
  say(`${folder}: ${items.length} photographs, ${leftOut} left out by name, ${judged} left out because they are judged on`);
const heldOutBatches = Math.round(settings.heldOut / batchSize);
const parts = lists.map(({ items }, i) => {
  const drawn = randomStream(seed, "held out", i).shuffle(items);
  const count = heldOutBatches * sources[i].perBatch;
  return { source: sources[i], items: drawn.slice(count), heldOut: drawn.slice(0, count) };
});

const weights = readSafetensors(await readFile(flags.teacher), flags.teacher);
const session = { threads: 1 };
const teacher = await openTeacher(weights, size, session);
const resumed = existsSync(checkpointFile) ? readSafetensors(await readFile(checkpointFile), checkpointFile) : undefined;
const earlier = resumed ?? (flags.from ? readSafetensors(await readFile(flags.from), flags.from) : new Map());
const statistics = earlier.has("teacher.scales") ? undefined : mapStatistics(await firstMaps(), mapShapes(size));
const scales = statistics?.scales ?? [...earlier.get("teacher.scales").data];
const specs = describeParameters([stageOf("joined", size)], [1, 3, size, size]);
const [first, secondsBefore, joinedFrom] = resumed ? resumed.get("progress").data : [0, 0, NOT_BEGUN];
let { switchAt, steps } = await plannedSteps(first, joinedFrom);
const heldOut = await heldOutSet();

const lines = resumed ? (await readFile(logFile, "utf8")).split("\n").filter((line) => Number(line.split(",")[0]) <= first) : [];
await write(logFile, `${[["step", "images", "seconds", "rate", ...COLUMNS].join(), ...lines.filter((line) => line !== "")].join("\n")}\n`);
if (!existsSync(heldOutFile)) await write(heldOutFile, `${["step", "seconds", ...COLUMNS].join()}\n`);

const begun = performance.now();
const elapsed = () => secondsBefore + (performance.now() - begun) / 1000;
const workers = Array.from(
  { length: copies },
  () => new Worker(new URL("replica.mjs", import.meta.url), { workerData: { teacherFile: flags.teacher, settings, scales } }),
);
const stream = mixedBatches(parts, { size, seed, purpose: "train", first });
for (const worker of workers)
  worker.on("error", (error) => {
    throw error;
  });
let step = first;
let phase = phaseAt(step);
// Where a phase begins, its optimiser is new.
let tensors = step > phase.begin ? allOf(resumed) : parametersOf(earlier.size > 0 ? earlier : drawn());
let [saved, judged] = [performance.now(), performance.now()];
let ahead = batchesOfRound();
while (step < steps) {
  const pixels = await ahead;
  ahead = batchesOfRound();
  // Marked here, so that a failure that comes before anybody waits for it does not end the process without its words.
  ahead.catch(() => undefined);
  const batches = pixels.map((each, i) => ({ pixels: each, rate: rateAt(step - phase.begin + i), step: step + i }));
  const done = (step - phase.begin) / copies;
  const answers = await Promise.all(
    workers.map((worker, k) => ask(worker, { name: phase.name, done, tensors, batches: batches.filter((_, i) => i % copies === k) })),
  );
  tensors = meanOf(answers.map((answer) => answer.tensors));
  step += round;
  const losses = answers.flatMap((answer) => answer.losses);
  const means = COLUMNS.map((name) => losses.reduce((sum, each) => sum + (each[name] ?? 0), 0) / losses.length);
  if (!means.every(Number.isFinite)) throw new Error(`The losses of the round to step ${step} are ${means}`);
  const values = means.map((mean) => mean.toFixed(4));
  await appendFile(logFile, `${[step, step * batchSize, elapsed().toFixed(1), batches.at(-1).rate.toExponential(3), ...values].join()}\n`);
  const ends = step === steps || step === switchAt;
  if (ends || performance.now() - saved > SECONDS_BETWEEN_CHECKPOINTS * 1000) {
    ({ switchAt, steps } = await plannedSteps(step, phase.joinedFrom));
    await checkpoint();
    saved = performance.now();
    if (ends || performance.now() - judged > SECONDS_BETWEEN_JUDGEMENTS * 1000) {
      await judge();
      judged = performance.now();
    }
    if (phaseAt(step).name !== phase.name) tensors = parametersOf(tensors);
    phase = phaseAt(step);
  }
}
say(`${steps} steps in ${(elapsed() / 3600).toFixed(2)} hours`);
// The batches that were made ahead are not needed any more.
process.exit();

/** After which step the joined phase begins, and after which the run ends, in whole rounds. The joined phase that has begun stays where it was. */
async function plannedSteps(at, from) {
  const planned = { blocks: settings.blocks.steps, joined: settings.joined.steps };
  if (flags.steps && existsSync(flags.steps)) Object.assign(planned, JSON.parse(await readFile(flags.steps, "utf8")));
  const change = from === NOT_BEGUN ? Math.max(at, wholeRounds(planned.blocks)) : from;
  return { switchAt: change, steps: Math.max(at, change + wholeRounds(planned.joined)) };
}

function wholeRounds(count) {
  return Math.ceil(count / round) * round;
}

/** What the step after `at` steps belongs to. */
function phaseAt(at) {
  return at < switchAt
    ? { name: "blocks", begin: 0, end: switchAt, joinedFrom: NOT_BEGUN }
    : { name: "joined", begin: switchAt, end: steps, joinedFrom: switchAt };
}

/** Rises to the phase's rate over its first steps, then falls along a cosine to zero. */
function rateAt(at) {
  const { rate, warmUpSteps } = settings[phase.name];
  if (at < warmUpSteps) return (rate * (at + 1)) / warmUpSteps;
  return (rate * (1 + Math.cos((Math.PI * (at - warmUpSteps)) / (phase.end - phase.begin - warmUpSteps)))) / 2;
}

async function batchesOfRound() {
  const batches = [];
  for (let i = 0; i < round; i++) batches.push((await stream.next()).value);
  return batches;
}

function ask(worker, message) {
  return new Promise((resolve, reject) => {
    worker.once("message", (answer) => (answer.error ? reject(new Error(answer.error)) : resolve(answer)));
    worker.postMessage(message);
  });
}

/** The mean of what the copies of the student have become (local SGD, Stich 2019): parameters, running statistics and optimiser state. */
function meanOf(maps) {
  const [one, ...others] = maps;
  for (const [name, { data }] of one) {
    for (const other of others) {
      const values = other.get(name).data;
      for (let i = 0; i < data.length; i++) data[i] += values[i];
    }
    for (let i = 0; i < data.length; i++) data[i] /= maps.length;
  }
  return one;
}

/** The seeded start. */
function drawn() {
  return scaledLikeTeacher(initialiseParameters(specs, seed, "backbone"), statistics, mapShapes(size));
}

function parametersOf(source) {
  return new Map(specs.map(({ name }) => [name, source.get(name)]));
}

/** Parameters and optimiser state of a checkpoint. */
function allOf(source) {
  return new Map([...source].filter(([name]) => name !== "teacher.scales" && name !== "progress"));
}

async function checkpoint() {
  const progress = float32([step, elapsed(), phase.joinedFrom]);
  await writeFile(checkpointFile, writeSafetensors(new Map([...tensors, ["teacher.scales", float32(scales)], ["progress", progress]])));
}

/** The parts of the loss on photographs that are not trained on, with running statistics. */
async function judge() {
  const graph = new GraphBuilder();
  const objective = distillation(weights, scales, size, phase.name, settings[phase.name].lossWeights);
  const input = graph.input("input", "uint8", [batchSize, size, size, 3]);
  const targets = graph.input("targets", "float32", [batchSize, ...objective.targetShape]);
  const output = stageOf(phase.name, size, settings[phase.name].lossWeights).apply(inferenceScope(graph, tensors), prepare(graph, input));
  const { loss, parts: outputs } = objective.loss(graph, output, targets);
  const judging = await openSession(graph.build({ loss, ...outputs }), session);
  const totals = Object.fromEntries(COLUMNS.map((name) => [name, 0]));
  for (const feeds of heldOut) {
    const results = await judging.run(feeds);
    for (const name of COLUMNS) totals[name] += (results[name]?.data[0] ?? 0) / heldOut.length;
  }
  await judging.release();
  const values = Object.values(totals).map((value) => value.toFixed(4));
  await appendFile(heldOutFile, `${[step, elapsed().toFixed(1), ...values].join()}\n`);
}

async function heldOutSet() {
  const batches = mixedBatches(
    parts.map(({ source, heldOut: items }) => ({ source, items })),
    { size, seed, purpose: "held out" },
  );
  const set = [];
  for (let i = 0; i < heldOutBatches; i++) {
    const pixels = (await batches.next()).value;
    set.push({ input: pixels, targets: await teacher.run(pixels) });
  }
  return set;
}

async function firstMaps() {
  const batches = mixedBatches(parts, { size, seed, purpose: "statistics" });
  const maps = [];
  for (let i = 0; i < settings.statisticsBatches; i++) maps.push(await teacher.run((await batches.next()).value));
  return maps;
}

function say(line) {
  process.stdout.write(`${line}\n`);
}
