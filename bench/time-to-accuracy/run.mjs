// Wall time from a folder of JPEGs to a validation accuracy, nothing cached, the start of the process included: thaw's command, fastai, and a
// script that caches features with PyTorch. Run after `npm run build`, on a machine that does nothing else:
//   node bench/time-to-accuracy/run.mjs --python <python> --weights mobilenet_v2.safetensors --dogscats <folder> --flowers <folder>
// Each side of a seed of a set is a row of bench/results/time-to-accuracy/<kind of processor>.jsonl. A run goes on from the rows that are
// there, and writes bench/results/time-to-accuracy.md from the rows of all kinds.

import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { itemsOf } from "../fastai/items.mjs";
import { rowsIn } from "../json-lines.mjs";
import { machineName, processorKind } from "../processor.mjs";
import { SIDES } from "./sides.mjs";
import { TARGETS, tableOf } from "./table.mjs";
import { timed } from "./timed.mjs";

const { values } = parseArgs({
  options: {
    python: { type: "string" },
    weights: { type: "string" },
    dogscats: { type: "string" },
    flowers: { type: "string" },
    size: { type: "string", default: "224" },
    seeds: { type: "string", default: "1,2,3" },
    sides: { type: "string", default: Object.keys(SIDES).join() },
    threads: { type: "string", default: String(availableParallelism()) },
    /** Seconds after which a side that has not reached its targets is ended. */
    limit: { type: "string", default: "120" },
    out: { type: "string", default: fileURLToPath(new URL("../results", import.meta.url)) },
  },
});
const kind = processorKind();
console.log(`${kind}: ${machineName()}`);
if (!values.python || !values.weights || !(values.dogscats || values.flowers)) {
  console.error("--python names the Python of the rivals, --weights MobileNetV2's safetensors file; give --dogscats, --flowers or both.");
  process.exit(2);
}

const [folder, page] = [join(values.out, "time-to-accuracy"), join(values.out, "time-to-accuracy.md")];
const results = join(folder, `${kind}.jsonl`);
mkdirSync(folder, { recursive: true });
const [size, threads, limit] = [values.size, values.threads, values.limit].map(Number);
for (const data of Object.keys(TARGETS)) {
  if (values[data] === undefined) continue;
  for (const seed of values.seeds.split(",").map(Number)) {
    const missing = values.sides.split(",").filter((side) => !rowsIn(results).some((row) => isOf(row, { data, seed, side, size })));
    if (missing.length === 0) continue;
    const scratch = mkdtempSync(join(tmpdir(), "thaw-accuracy-"));
    try {
      const photographs = splitFolder(resolve(values[data]), seed, scratch);
      for (const side of missing) {
        const task = {
          photographs,
          weights: resolve(values.weights),
          size,
          seed,
          threads,
          scratch: join(scratch, side),
          python: values.python,
        };
        mkdirSync(task.scratch);
        const load = loadavg()[0];
        const ran = await timed(SIDES[side](task), Math.max(...TARGETS[data]), limit);
        const row = { data, seed, side, size, threads, limit, load, date: new Date().toISOString(), machine: machineName(), ...ran };
        appendFileSync(results, `${JSON.stringify(row)}\n`);
        write();
        const answers = ran.answers.map(({ seconds, accuracy }) => `${accuracy.toFixed(4)} after ${seconds.toFixed(1)} s`);
        console.log(`${data}, seed ${seed}, ${side}: ${answers.join(", ")}; ended after ${ran.ended.toFixed(1)} s`);
      }
    } finally {
      rmSync(scratch, { recursive: true });
    }
  }
}
console.log(write());

/**
 * A copy of the photographs as `train` and `valid`: the set's own, or a fifth of each class for validation, another one for each seed. The
 * copy, like the set, is then in the system's cache of files for every side.
 */
function splitFolder(root, seed, scratch) {
  const folder = join(scratch, "photographs");
  for (const { file, label, valid } of itemsOf(root, seed))
    cpSync(join(root, file), join(folder, valid ? "valid" : "train", label, basename(file)));
  return folder;
}

function isOf(row, wanted) {
  return Object.entries(wanted).every(([key, value]) => row[key] === value);
}

function write() {
  const kinds = readdirSync(folder).filter((name) => name.endsWith(".jsonl"));
  const table = tableOf(new Map(kinds.sort().map((name) => [name.replace(".jsonl", ""), rowsIn(join(folder, name))])));
  writeFileSync(page, table);
  return table;
}
