// Classes of unequal size: the recipe's first stage on photographs of which three of five classes are reduced, as they are, shown equally often,
// and weighted in the loss. Validation has as many photographs of each class. Writes bench/results/balance.csv, a row for each run.
//
//   node bench/head/balance.mjs --folder <photographs> [--network thaw_small] [--few 48,16] [--seeds 5]

import { linkSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { randomStream } from "../../dist/core/random.js";
import { architectureOf, train } from "../../dist/index.js";

const { values } = parseArgs({
  options: {
    folder: { type: "string" },
    network: { type: "string", default: "thaw_small" },
    /** What is left of the classes that are reduced. */
    few: { type: "string", default: "48,16" },
    seeds: { type: "string", default: "5" },
    cache: { type: "string", default: ".thaw/bench-head" },
    results: { type: "string", default: "bench/results/balance.csv" },
  },
});
const [VALID, WHOLE_CLASSES] = [48, 2];
const folder = resolve(values.folder);
const classes = readdirSync(folder).sort();
const where = `${new Date().toISOString().slice(0, 10)},${cpus()[0].model.trim()}`;
const rows = ["network,size,data,reduced_to,balance,seed,probe_accuracy,accuracy,date,processor"];

for (const few of values.few.split(",").map(Number))
  for (let seed = 1; seed <= Number(values.seeds); seed++) {
    // On the file system of the photographs, so that they can be linked.
    const root = mkdtempSync(join(dirname(folder), ".thaw-balance-"));
    try {
      for (const [index, label] of classes.entries()) link(root, label, index < WHOLE_CLASSES ? Number.POSITIVE_INFINITY : few, seed);
      for (const balance of ["none", "sampling", "weights"]) rows.push(await measure(root, few, balance, seed));
      writeFileSync(values.results, `${rows.join("\n")}\n`);
    } finally {
      rmSync(root, { recursive: true });
    }
  }
for (const few of values.few.split(","))
  for (const balance of ["none", "sampling", "weights"]) {
    const its = rows.map((row) => row.split(",")).filter((row) => row[3] === few && row[4] === balance);
    console.log(`${few} left, ${balance}: ${its.map((row) => row[7]).sort()[Math.floor(its.length / 2)]}`);
  }

function link(root, label, most, seed) {
  const drawn = randomStream(seed, "balance", label).shuffle(readdirSync(join(folder, label)).sort());
  const parts = { valid: drawn.slice(0, VALID), train: drawn.slice(VALID, VALID + most) };
  for (const [part, files] of Object.entries(parts)) {
    mkdirSync(join(root, part, label), { recursive: true });
    for (const file of files) linkSync(join(folder, label, file), join(root, part, label, file));
  }
}

async function measure(root, few, balance, seed) {
  const { size } = architectureOf(values.network);
  let probe;
  const { accuracy } = await train({
    folder: root,
    arch: values.network,
    size,
    balance,
    seed,
    stages: ["precompute"],
    threads: 1,
    offline: true,
    report: false,
    cache: resolve(values.cache),
    out: join(root, `${balance}-model`),
    onEvent: (event) => {
      if (event.event === "probe") probe = event.accuracy;
    },
  });
  const numbers = [probe, accuracy].map((value) => value.toFixed(4));
  return [values.network, size, basename(folder), few, balance, seed, ...numbers, where].join();
}
