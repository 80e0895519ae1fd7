// Trains the backbone that thaw ships: node training/distill.mjs --settings <file> --data <folder> --teacher <file> --judged <folder,folder>
// --out <folder>. The same command goes on from the last checkpoint; log.csv in the output folder has a line for every ten steps from the
// first on.

import { existsSync } from "node:fs";
import { appendFile, mkdir, readFile, writeFile as write } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { writeFile } from "../dist/core/files.node.js";
import { randomStream } from "../dist/core/random.js";
import { float32 } from "../dist/core/tensor.js";
import { GraphBuilder } from "../dist/graph/builder.js";
import { adamW } from "../dist/learner/step/optimizer.js";
import { Trainer } from "../dist/learner/step/trainer.js";
import { initialiseParameters } from "../dist/nn/initialise.js";
import { readSafetensors, writeSafetensors } from "../dist/nn/safetensors.js";
import { describeParameters, inferenceScope } from "../dist/nn/scope.js";
import { openSession } from "../dist/runtime/session.js";
import { distillation, mapShapes, mapStatistics, openTeacher, PARTS, prepare, studentWithTaps } from "./distillation.mjs";
import { listPhotographs, mixedBatches } from "./photographs.mjs";

const { values: flags } = parseArgs({
  options: {
    /** Seed, size, batch, rate, weights of the loss, sources and augmentation. */
    settings: { type: "string" },
    data: { type: "string" },
    teacher: { type: "string" },
    judged: { type: "string" },
    out: { type: "string" },
    steps: { type: "string" },
    /** A checkpoint of an earlier run to start from instead of the seeded draw, or weights that ship: then the linear layers start afresh. */
    from: { type: "string" },
  },
});
const settings = JSON.parse(await readFile(flags.settings, "utf8"));
const { seed, size, sources } = settings;
const steps = Number(flags.steps ?? settings.steps);
const batchSize = sources.reduce((sum, { perBatch }) => sum + perBatch, 0);
const checkpointFile = join(flags.out, "checkpoint.safetensors");
const logFile = join(flags.out, "log.csv");
const LOG_EVERY = 10;
const SECONDS_BETWEEN_CHECKPOINTS = 120;
const COLUMNS = ["loss", ...PARTS];

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
const teacher = await openTeacher(weights, size);
const resumed = existsSync(checkpointFile) ? readSafetensors(await readFile(checkpointFile), checkpointFile) : undefined;
const statistics = resumed
  ? { mean: resumed.get("teacher.mean"), deviation: resumed.get("teacher.deviation") }
  : mapStatistics(await firstMaps(), mapShapes(size));
const objective = distillation(weights, statistics, size, settings.lossWeights);
const drawn = initialiseParameters(describeParameters([studentWithTaps], [1, 3, size, size]), seed, "backbone");
const earlier = flags.from ? readSafetensors(await readFile(flags.from), flags.from) : new Map();
const parameters = new Map([...drawn].map(([name, start]) => [name, resumed?.get(name) ?? earlier.get(name) ?? start]));
const first = resumed ? resumed.get("progress").data[0] : 0;
const secondsBefore = resumed ? resumed.get("progress").data[1] : 0;
const trainer = new Trainer({
  stages: [studentWithTaps],
  prepare,
  inputType: "uint8",
  itemShape: [size, size, 3],
  classes: 0,
  objective,
  parameters,
  trainable: () => true,
  bnFreeze: false,
  optimizer: adamW({ beta2: 0.99, epsilon: 1e-8 }),
  clip: 5,
  session: {},
  seed,
  resume: resumed && { steps: first, tensors: resumed },
});
const heldOut = await heldOutSet();

const lines = resumed ? (await readFile(logFile, "utf8")).split("\n").filter((line) => Number(line.split(",")[0]) <= first) : [];
await write(logFile, `${[["step", "images", "seconds", "rate", ...COLUMNS].join(), ...lines.filter((line) => line !== "")].join("\n")}\n`);
if (!existsSync(join(flags.out, "held-out.csv")))
  await write(join(flags.out, "held-out.csv"), `${["step", "seconds", ...COLUMNS].join()}\n`);

const start = performance.now();
const elapsed = () => secondsBefore + (performance.now() - start) / 1000;
let sums = noLosses();
let step = first;
let saved = performance.now();
for await (const pixels of mixedBatches(parts, { size, seed, purpose: "train", first })) {
  if (step >= steps) break;
  const rate = rateAt(step);
  const targets = await teacher.run(pixels);
  const loss = await trainer.step({ input: pixels, targets }, { lrs: [rate], momentums: [0.9], weightDecays: [settings.weightDecay] }, [
    step,
  ]);
  if (!Number.isFinite(loss)) throw new Error(`The loss of step ${step + 1} is ${loss}`);
  step++;
  for (const [name, value] of Object.entries({ loss, ...trainer.parts })) sums[name] += value;
  if (step % LOG_EVERY === 0) {
    const means = Object.values(sums).map((sum) => (sum / LOG_EVERY).toFixed(4));
    await appendFile(logFile, `${[step, step * batchSize, elapsed().toFixed(1), rate.toExponential(3), ...means].join()}\n`);
    sums = noLosses();
  }
  if (step === steps || (step % LOG_EVERY === 0 && performance.now() - saved > SECONDS_BETWEEN_CHECKPOINTS * 1000)) {
    await checkpoint();
    saved = performance.now();
  }
}
say(`${steps} steps in ${(elapsed() / 3600).toFixed(2)} hours`);

/** Rises to settings.rate over the first steps, then falls along a cosine to zero. */
function rateAt(at) {
  const { rate, warmUpSteps } = settings;
  if (at < warmUpSteps) return (rate * (at + 1)) / warmUpSteps;
  return (rate * (1 + Math.cos((Math.PI * (at - warmUpSteps)) / (steps - warmUpSteps)))) / 2;
}

async function checkpoint() {
  const progress = float32([step, elapsed()]);
  const state = new Map([
    ...trainer.parameters,
    ...trainer.state.tensors,
    ["teacher.mean", statistics.mean],
    ["teacher.deviation", statistics.deviation],
    ["progress", progress],
  ]);
  await writeFile(checkpointFile, writeSafetensors(state));
  const losses = Object.values(await judge());
  await appendFile(join(flags.out, "held-out.csv"), `${[step, elapsed().toFixed(1), ...losses.map((value) => value.toFixed(4))].join()}\n`);
}

/** The parts of the loss on photographs that are not trained on, with running statistics. */
async function judge() {
  const graph = new GraphBuilder();
  const input = graph.input("input", "uint8", [batchSize, size, size, 3]);
  const targets = graph.input("targets", "float32", [batchSize, ...objective.targetShape]);
  const output = studentWithTaps.apply(inferenceScope(graph, trainer.parameters), prepare(graph, input));
  const { loss, parts: outputs } = objective.loss(graph, output, targets);
  const session = await openSession(graph.build({ loss, ...outputs }), {});
  const totals = noLosses();
  for (const feeds of heldOut) {
    const results = await session.run(feeds);
    for (const name of Object.keys(totals)) totals[name] += results[name].data[0] / heldOut.length;
  }
  await session.release();
  return totals;
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

function noLosses() {
  return Object.fromEntries(COLUMNS.map((name) => [name, 0]));
}

function say(line) {
  process.stdout.write(`${line}\n`);
}
