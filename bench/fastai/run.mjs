// The whole recipe beside fastai's own library: same photographs, split, network, weights, head, size, epochs and rates. Run after `npm run build`:
//   node bench/fastai/run.mjs --python <python> --weights mobilenet_v2.safetensors --dogscats <folder> --flowers <folder> [--size 128] [--seeds 1,2,3]
// The two take turns stage by stage, so that whatever else the machine does meets both. Each seed on each set is a row of
// bench/results/fastai.jsonl; a run goes on from the rows that are there, and writes bench/results/fastai.md.

import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, tmpdir, totalmem } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { rowsIn } from "../json-lines.mjs";
import { startPeer } from "../peer.mjs";
import { itemsOf } from "./items.mjs";
import { STAGES, tableOf } from "./table.mjs";

const { values } = parseArgs({
  options: {
    python: { type: "string" },
    weights: { type: "string" },
    dogscats: { type: "string" },
    flowers: { type: "string" },
    size: { type: "string", default: "128" },
    seeds: { type: "string", default: "1,2,3" },
    threads: { type: "string", default: String(availableParallelism()) },
    out: { type: "string", default: fileURLToPath(new URL("../results", import.meta.url)) },
  },
});
if (!values.python || !values.weights || !(values.dogscats || values.flowers)) {
  console.error("--python names the Python of the rival, --weights MobileNetV2's safetensors file; give --dogscats, --flowers or both.");
  process.exit(2);
}

const [results, markdown] = ["jsonl", "md"].map((end) => join(values.out, `fastai.${end}`));
mkdirSync(values.out, { recursive: true });
const seeds = values.seeds.split(",").map(Number);
for (const name of ["dogscats", "flowers"]) {
  if (values[name] === undefined) continue;
  for (const seed of seeds) {
    const done = rowsIn(results).some((row) => row.data === name && row.seed === seed && row.size === Number(values.size));
    if (done) continue;
    const row = await measure(name, resolve(values[name]), seed);
    appendFileSync(results, `${JSON.stringify(row)}\n`);
    write();
  }
}
console.log(write());

/** One row: both sides go through the stages in turn. */
async function measure(data, root, seed) {
  const cache = mkdtempSync(join(tmpdir(), "thaw-fastai-"));
  const task = {
    seed,
    size: Number(values.size),
    threads: Number(values.threads),
    weights: resolve(values.weights),
    root,
    cache,
    items: itemsOf(root, seed),
  };
  const file = join(cache, "task.json");
  writeFileSync(file, JSON.stringify(task));
  const sides = {
    thaw: await startPeer([process.execPath, worker("thaw-worker.mjs"), file]),
    fastai: await startPeer([values.python, worker("../rivals/fastai_worker.py"), file]),
  };
  const row = {
    data,
    seed,
    size: task.size,
    machine: machine(),
    versions: { ...JSON.parse(sides.thaw.ready), ...JSON.parse(sides.fastai.ready) },
    stages: {},
  };
  for (const stage of STAGES) {
    row.stages[stage] = {};
    for (const [side, peer] of Object.entries(sides)) {
      // The load of the minute before says how busy the machine was with other work.
      row.stages[stage][side] = { load: loadavg()[0], ...JSON.parse(await peer.ask(stage)) };
      console.error(`${data}, seed ${seed}, ${stage}: ${side} ${JSON.stringify(row.stages[stage][side])}`);
    }
  }
  await Promise.all(Object.values(sides).map((peer) => peer.stop()));
  rmSync(cache, { recursive: true, force: true });
  return row;
}

function machine() {
  return `${cpus()[0]?.model} (${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB), ${values.threads} threads`;
}

function worker(file) {
  return fileURLToPath(new URL(file, import.meta.url));
}

function write() {
  const table = tableOf(rowsIn(results));
  writeFileSync(markdown, table);
  return table;
}
