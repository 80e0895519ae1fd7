// What whole runs come to: thaw's default recipe beside fastai's lesson, by the number of photographs per class, on a test part on which
// neither chooses anything. Run after `npm run build`:
//
//   node bench/fastai/whole.mjs --python <python> --weights mobilenet_v2.safetensors --set flowers=<folder> … [--counts 10,50,200,1000] [--seeds 1,2,3,4,5]
//
// Each run is a process of its own and a row of bench/results/whole/<kind of processor>.jsonl. A run of this script goes on from the rows
// that are there, and writes bench/results/whole.md from the rows of all kinds.

import { execFile } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { cyclesFor, epochsOf } from "../../dist/recipe/choices/epochs.js";
import { batchSizeFor } from "../../dist/recipe/choices/from-photographs.js";
import { rowsIn } from "../json-lines.mjs";
import { machineName, processorKind } from "../processor.mjs";
import { countsOf, linkParts, photographsOf } from "./parts.mjs";
import { tableOf } from "./whole-table.mjs";

const { values } = parseArgs({
  options: {
    python: { type: "string" },
    weights: { type: "string" },
    /** A name and a folder, as name=folder. */
    set: { type: "string", multiple: true, default: [] },
    /** Training photographs per class. */
    counts: { type: "string", default: "10,50,200,1000" },
    /** The most training photographs of a row: of more, fewer of each class are taken. */
    "max-train": { type: "string", default: "2000" },
    /** Each draws other training photographs. */
    seeds: { type: "string", default: "1,2,3,4,5" },
    /** Of SIDES, in the order in which they run, between semicolons. */
    sides: {
      type: "string",
      default: "fastai; mobilenet_v2; thaw_small",
    },
    size: { type: "string", default: "128" },
    threads: { type: "string", default: String(availableParallelism()) },
    /** Where photographs are linked; on the file system of the sets. */
    scratch: { type: "string" },
    out: { type: "string", default: fileURLToPath(new URL("../results", import.meta.url)) },
  },
});
const [size, threads, weights] = [Number(values.size), Number(values.threads), values.weights && resolve(values.weights)];
const NETWORKS = { mobilenet_v2: weights, thaw_small: undefined };
/** What a recipe could be instead of the default one: all layers trained, only the later half of the body, or larger photographs and a fixed body. */
const INSTEAD = {
  "all layers": { stages: ["precompute", "augment", "unfreeze", "tta"] },
  "last groups": { stages: ["precompute", "augment", "unfreeze", "tta"], freezeTo: 1 },
  larger: { stages: ["precompute", "augment", "tta"], size: 1.25 * size },
};
/** What runs: fastai, or a network with thaw's default recipe or with something in place of a stage. */
const SIDES = Object.fromEntries([
  ["fastai", {}],
  ...Object.entries(NETWORKS).flatMap(([network, file]) => [
    [network, { network, weights: file }],
    ...Object.entries(INSTEAD).map(([name, choices]) => [`${network}, ${name}`, { network, weights: file, choices }]),
  ]),
]);
const sides = values.sides.split(";").map((side) => side.trim());
const unknown = sides.find((side) => !SIDES[side]);
const seeds = values.seeds.split(",").map(Number);
if (!seeds.every(Number.isSafeInteger)) {
  console.error(`--seeds takes whole numbers between commas, not ${values.seeds}.`);
  process.exit(2);
}
if (values.set.length === 0 || !weights || unknown || (sides.includes("fastai") && !values.python)) {
  console.error(
    unknown
      ? `There is no side ${unknown}; there are ${Object.keys(SIDES).join("; ")}.`
      : "Give --set <name>=<folder> for each set, --weights MobileNetV2's safetensors file, and --python the Python of the rival.",
  );
  process.exit(2);
}

const [rowsFolder, page] = [join(values.out, "whole"), join(values.out, "whole.md")];
const results = join(rowsFolder, `${processorKind()}.jsonl`);
mkdirSync(rowsFolder, { recursive: true });
const sets = values.set.map((set) => {
  const [name, folder] = set.split("=");
  const classes = photographsOf(resolve(folder));
  return { name, folder, classes, counts: countsOf(classes, values.counts.split(",").map(Number), Number(values["max-train"])) };
});
const longest = Math.max(...sets.map(({ counts }) => counts.length));
// Every set with one seed first, and what is quick before what is long.
for (const seed of seeds)
  for (let index = 0; index < longest; index++)
    for (const set of sets) if (set.counts[index] !== undefined) await measureAll(set, set.counts[index], seed);
console.log(write());

async function measureAll({ name, folder, classes }, perClass, seed) {
  const key = { data: name, per_class: perClass, seed, size };
  const missing = sides.filter(
    (side) => !rowsIn(results).some((row) => row.side === side && Object.keys(key).every((field) => row[field] === key[field])),
  );
  for (const side of missing) {
    const root = mkdtempSync(join(values.scratch ?? dirname(resolve(folder)), ".thaw-whole-"));
    try {
      const train = linkParts(classes, perClass, seed, root);
      const [command, ...given] = side === "fastai" ? [values.python, "../rivals/fastai_whole.py"] : [process.execPath, "thaw-whole.mjs"];
      const task = side === "fastai" ? { weights, ...lessonFor(train) } : SIDES[side];
      const script = fileURLToPath(new URL(given[0], import.meta.url));
      const { stdout } = await promisify(execFile)(command, [script, JSON.stringify({ root, size, seed, threads, ...task })], {
        maxBuffer: 2 ** 26,
      });
      const row = { ...key, side, train, ...JSON.parse(stdout.trim().split("\n").at(-1)), ...where() };
      appendFileSync(results, `${JSON.stringify(row)}\n`);
      write();
      console.error(
        `${name}, ${perClass} per class, seed ${seed}, ${side}: ${JSON.stringify(row.test)}, ${Math.round(row.processorSeconds)} s`,
      );
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  }
}

/** fastai takes as large batches, and as many epochs with a frozen and with a trained body, as thaw's recipe does. */
function lessonFor(train) {
  const [first, second, third] = ["precompute", "augment", "unfreeze"].map((stage) => epochsOf(cyclesFor(stage, train)));
  return { bs: batchSizeFor({ train }).value, epochs: { frozen: first + second, unfrozen: third } };
}

function where() {
  return {
    threads,
    load: loadavg()[0],
    date: new Date().toISOString().slice(0, 10),
    machine: machineName(),
  };
}

function write() {
  const kinds = readdirSync(rowsFolder).filter((name) => name.endsWith(".jsonl"));
  const table = tableOf(new Map(kinds.sort().map((name) => [name.replace(".jsonl", ""), rowsIn(join(rowsFolder, name))])));
  writeFileSync(page, table);
  return table;
}
