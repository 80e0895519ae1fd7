// thaw on WebGPU in Node beside PyTorch on the same graphics processor, for 7.5 minutes at most. Run after `npm run build`:
//   node bench/webgpu/run.mjs --python <python with PyTorch for CUDA> [--rows a,b] [--minutes 7.5] [--rounds 9] [--again]
// Each row is first checked against the processor, and a wrong result ends the run. What was measured is kept in bench/results/webgpu.json after
// every setting of PyTorch, by graphics processor, and bench/results/webgpu.md written from it; a further run goes on with what is missing.
// To try the script without a graphics processor, into another folder: --rival-device cpu --tiny --out <folder>.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { medianOf } from "../engine/table.mjs";
import { startPeer } from "../peer.mjs";
import { machineName } from "../processor.mjs";
import { rows, settings, tiny } from "./rows.mjs";
import { sectionOf, tablesOf } from "./table.mjs";

/** By how much results may differ from the processor's, relative to the largest. */
const TOLERANCE = 1e-3;
/** Rounds of which a median is taken at least. */
const LEAST = 3;
/** WebGPU asks for the fastest, which drivers take to be the first of these kinds that there is. */
const KINDS = ["discrete", "integrated", "virtual", "other", "cpu"];

const { values } = parseArgs({
  options: {
    python: { type: "string" },
    rows: { type: "string", default: rows.map(({ name }) => name).join() },
    minutes: { type: "string", default: "7.5" },
    rounds: { type: "string", default: "9" },
    "rival-device": { type: "string", default: "cuda" },
    tiny: { type: "boolean", default: false },
    out: { type: "string" },
    again: { type: "boolean", default: false },
  },
});
const end = performance.now() + Number(values.minutes) * 60_000;
const rivalDevice = values["rival-device"];
const wanted = values.rows.split(",");
const unknown = wanted.filter((name) => !rows.some((row) => row.name === name));
if (values.python === undefined) refuse("--python names the Python of PyTorch.");
if (unknown.length > 0) refuse(`There is no row ${unknown.join(", ")}. Rows: ${rows.map(({ name }) => name).join(", ")}.`);
const trial = values.tiny || rivalDevice === "cpu";
if (trial && values.out === undefined) refuse("What is only tried is no result: name another folder with --out.");

const adapter = chosenAdapter();
const out = values.out ?? fileURLToPath(new URL("../results", import.meta.url));
const path = `${out}/webgpu.json`;
const kinds = existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : {};
kinds[adapter.name] ??= { machine: machineName(), driver: adapter.driver, trial, versions: { node: process.version }, rows: {} };
const results = kinds[adapter.name];
if (results.driver !== adapter.driver || results.machine !== machineName() || results.trial !== trial)
  refuse(`${path} has results of ${adapter.name} on another machine, with another driver or of a trial. Write to another folder (--out).`);
console.error(`${adapter.name}, driver ${adapter.driver}. At most ${values.minutes} minutes.`);

const chosen = rows.filter(({ name }) => wanted.includes(name)).map((row) => (values.tiny ? tiny(row) : row));
for (const [i, row] of chosen.entries()) {
  if (values.again) delete results.rows[row.name];
  // Of the time that is left, each row has an equal share.
  await measure(row, AbortSignal.timeout(Math.max(0, Math.ceil((end - performance.now()) / (chosen.length - i)))));
}
console.log(sectionOf([adapter.name, results]));
process.exit();

/** Checks the row, then measures it beside each setting of PyTorch in turn, until `signal` ends it. */
async function measure({ name, task }, signal) {
  const row = results.rows[name] ?? { steps: task.steps, settings: {} };
  const missing = settings.filter((setting) => row.settings[setting] === undefined);
  if (missing.length === 0) return;
  const given = ["--task", JSON.stringify(task)];
  const threads = ["--threads", String(availableParallelism())];
  try {
    row.difference ??= await checked(name, [process.execPath, file("check.mjs"), ...given], signal);
    results.rows[name] = row;
    const thaw = await startPeer(
      [process.execPath, file("../engine/thaw-worker.mjs"), ...given, ...threads, "--device", "webgpu"],
      {},
      signal,
    );
    for (const setting of missing) {
      const command = [
        values.python,
        file("../rivals/torch_worker.py"),
        ...given,
        ...threads,
        "--device",
        rivalDevice,
        "--setting",
        setting,
      ];
      row.settings[setting] = await beside(thaw, command, signal).catch((error) => {
        if (signal.aborted) throw error;
        console.error(`${name}: ${setting} failed: ${error.message}`);
        return "failed";
      });
      say(name, setting, row.settings[setting]);
      save();
    }
    await thaw.stop();
  } catch (error) {
    if (!signal.aborted) throw error;
    console.error(`${name}: its share of the time is over`);
  }
}

/** By how much the row differs from the processor's results. Ends the program if that is too much. */
async function checked(name, command, signal) {
  const { ready, stop } = await startPeer(command, {}, signal);
  await stop();
  const difference = Number(ready);
  console.error(`${name}: differs from the processor by ${difference.toExponential(1)} of the largest value`);
  if (difference <= TOLERANCE) return difference;
  console.error(`That is more than ${TOLERANCE}: WebGPU computes this row wrong here, and nothing is measured.`);
  process.exit(1);
}

/** Rounds of thaw and of the rival in turn, the first of each discarded; fewer than asked for if `signal` comes after enough. */
async function beside(thaw, command, signal) {
  const rival = await startPeer(command, {}, signal);
  const versions = JSON.parse(rival.ready.replace(/^ready /, ""));
  if (rivalDevice === "cuda" && versions.GPU !== adapter.name)
    refuse(`WebGPU computes on ${adapter.name}, and PyTorch on ${versions.GPU}. Name one graphics processor to both.`);
  Object.assign(results.versions, versions);
  const times = { thaw: [], rival: [] };
  try {
    for (let round = 0; round <= Number(values.rounds); round++) {
      const own = Number(await thaw.ask("round"));
      times.rival.push(Number(await rival.ask("round")));
      times.thaw.push(own);
    }
    await rival.stop();
  } catch (error) {
    if (!signal.aborted || times.thaw.length <= LEAST) throw error;
  }
  const [own, other] = [times.thaw, times.rival].map((list) => medianOf(list.slice(1)));
  return { thaw: own, rival: other, times };
}

function say(name, setting, measured) {
  if (measured === "failed") return;
  const { thaw, rival } = measured;
  console.error(`${name}: thaw ${thaw.toFixed(0)} ms, PyTorch ${setting} ${rival.toFixed(0)} ms, ratio ${(rival / thaw).toFixed(2)}`);
}

/** The graphics processor that WebGPU takes. Ends the program where there is none. */
function chosenAdapter() {
  const { status, stdout, stderr } = spawnSync(values.python, [file("adapters.py")], { encoding: "utf8" });
  if (status !== 0) refuse(`Vulkan's loader (libvulkan.so.1) cannot be used:\n${stderr}`);
  const found = JSON.parse(stdout).sort((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind));
  const [first] = found;
  if (first === undefined || (first.kind === "cpu" && rivalDevice === "cuda"))
    refuse(
      `Vulkan offers ${first ? `only a software driver here, ${first.name}` : "no graphics processor here"}. It finds drivers by their files in ` +
        "/usr/share/vulkan/icd.d and /etc/vulkan/icd.d, or by the one that VK_DRIVER_FILES names (NVIDIA's is nvidia_icd.json).",
    );
  return first;
}

function file(name) {
  return fileURLToPath(new URL(name, import.meta.url));
}

function save() {
  mkdirSync(out, { recursive: true });
  writeFileSync(path, `${JSON.stringify(kinds, undefined, 2)}\n`);
  writeFileSync(`${out}/webgpu.md`, tablesOf(kinds));
}

function refuse(problem) {
  console.error(problem);
  process.exit(2);
}
