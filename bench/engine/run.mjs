// The engine's table: thaw beside PyTorch and TensorFlow.js, taking turns on the same cores, and how fast thaw starts. Run after `npm run build`:
//   node bench/engine/run.mjs --python <python with bench/rivals/requirements.txt> [--rows a,b] [--rounds 7] [--threads n] [--clock processor] [--again]
// Keeps what it measured in bench/results/engine.json after every row, by kind of processor (and its generation, if the kind has results of
// another), goes on from there, and writes bench/results/engine.md.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { computesInBfloat16, machineName, processorKind, tableName } from "../processor.mjs";
import { rows, starts } from "./rows.mjs";
import { startSide } from "./side.mjs";
import { measureStart } from "./start.mjs";
import { medianOf, sectionOf, tablesOf } from "./table.mjs";

const { values } = parseArgs({
  options: {
    python: { type: "string" },
    rows: { type: "string" },
    rounds: { type: "string", default: "7" },
    threads: { type: "string", default: String(availableParallelism()) },
    out: { type: "string", default: fileURLToPath(new URL("../results", import.meta.url)) },
    clock: { type: "string", default: "wall" },
    again: { type: "boolean", default: false },
  },
});
const wanted = values.rows?.split(",") ?? [...rows, ...starts].map(({ name }) => name);
const unknown = wanted.filter((name) => ![...rows, ...starts].some((row) => row.name === name));
if (unknown.length > 0 || (values.python === undefined && rows.some(({ name }) => wanted.includes(name)))) {
  const problem = unknown.length > 0 ? `There is no row ${unknown.join(", ")}.` : "--python names the Python of the rival.";
  console.error(`${problem} Rows: ${[...rows, ...starts].map(({ name }) => name).join(", ")}.`);
  process.exit(2);
}

const machine = `${machineName()}, ${values.threads} threads, ${values.clock} time`;
console.error(`Processor: ${processorKind()}. ${machine}.`);
const path = `${values.out}/engine.json`;
const processor = values.clock === "processor";
const kinds = existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : {};
const kind = tableName(kinds, machine);
if (kind === undefined) {
  console.error(`${path} has the ${processorKind()} results of other machines, or of other threads. Write to another folder (--out).`);
  process.exit(2);
}
kinds[kind] ??= { machine, versions: { node: process.version }, rows: {}, settings: {}, starts: {} };
const results = kinds[kind];
results.versions["onnxruntime-node"] = JSON.parse(
  readFileSync(new URL("../../node_modules/onnxruntime-node/package.json", import.meta.url), "utf8"),
).version;

for (const row of rows.filter(({ name }) => wanted.includes(name))) {
  if (values.again) delete results.settings[row.name];
  else if (results.rows[row.name]) continue;
  if (settingsHere(row).length === 0) {
    console.error(`${row.name}: this processor does not compute in bfloat16.`);
    continue;
  }
  const rival = await fastestSetting(row);
  if (rival === undefined) throw new Error(`No setting of the rival could do ${row.name}`);
  results.rows[row.name] = await takeTurns(row, rival);
  save();
}
for (const start of starts.filter(({ name }) => wanted.includes(name))) {
  if (results.starts[start.name] && !values.again) continue;
  results.starts[start.name] = await measureStart(start.name);
  save();
}
console.log(sectionOf([kind, results]));

/** The name of the setting with the smallest median of three rounds; each is tried alone, and remembered. A setting that fails is named. */
async function fastestSetting(row) {
  const { name } = row;
  const settings = settingsHere(row);
  results.settings[name] ??= {};
  const tried = results.settings[name];
  for (const setting of settings.filter((each) => tried[each] === undefined)) {
    try {
      const side = await startSide(rivalCommand(row, setting));
      Object.assign(results.versions, side.versions);
      tried[setting] = medianOf([await side.round(processor), await side.round(processor), await side.round(processor)]);
      await side.stop();
      console.error(`${name}: ${setting} ${tried[setting].toFixed(0)} ms`);
    } catch (error) {
      console.error(`${name}: ${setting} failed: ${error.message}`);
      tried[setting] = "failed";
    }
    save();
  }
  const [best] = settings.filter((each) => typeof tried[each] === "number").sort((a, b) => tried[a] - tried[b]);
  return best;
}

/** The rival's settings that are worth a trial on this processor. */
function settingsHere({ settings }) {
  return settings.filter((setting) => computesInBfloat16() || !/bf16|autocast/.test(setting));
}

/** Rounds of both sides in turn, the first of each discarded. */
async function takeTurns({ name, ...row }, setting) {
  const { task } = row;
  const thaw = await startSide([process.execPath, worker("thaw-worker.mjs"), "--task", JSON.stringify(task), "--threads", values.threads]);
  const rival = await startSide(rivalCommand(row, setting));
  const times = { thaw: [], rival: [] };
  for (let round = 0; round <= Number(values.rounds); round++) {
    times.thaw.push(await thaw.round(processor));
    times.rival.push(await rival.round(processor));
  }
  const peaks = { thaw: thaw.peak(), rival: rival.peak() };
  await Promise.all([thaw.stop(), rival.stop()]);
  const [own, other] = [times.thaw, times.rival].map((list) => medianOf(list.slice(1)));
  console.error(`${name}: thaw ${own.toFixed(0)} ms, rival ${setting} ${other.toFixed(0)} ms, ratio ${(other / own).toFixed(2)}`);
  return { setting, thaw: own, rival: other, peaks, times };
}

function rivalCommand({ task, rival = "torch" }, setting) {
  const own =
    rival === "tfjs" ? [process.execPath, worker("../rivals/tfjs/worker.mjs")] : [values.python, worker("../rivals/torch_worker.py")];
  return [...own, "--task", JSON.stringify(task), "--setting", setting, "--threads", values.threads];
}

function worker(file) {
  return fileURLToPath(new URL(file, import.meta.url));
}

function save() {
  mkdirSync(values.out, { recursive: true });
  writeFileSync(path, `${JSON.stringify(kinds, undefined, 2)}\n`);
  writeFileSync(`${values.out}/engine.md`, tablesOf(kinds));
}
