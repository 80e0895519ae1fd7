// How many of 60 turned labels among the flowers are in the first tenth of the list of doubted labels, for five seeds; how many are called
// likely wrong, and what the test on changed labels, which is part of the search, says of that without knowing them.
//
//   node bench/label-errors/run.mjs <folder of flowers> [<safetensors of MobileNetV2>]
//
// Writes bench/results/label-errors.csv, a row for each network, precision and seed. The photographs' own labels are taken for right, though a few are not.

import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { auditSize } from "../../dist/cli/audit/run.js";
import { randomStream } from "../../dist/core/random.js";
import { architectureOf, ConvLearner, findDataProblems, ImageClassifierData, tfmsFromModel } from "../../dist/index.js";

const [folder, mobileNet] = process.argv.slice(2);
if (!folder) throw new Error("Give the folder with the flowers, one folder per class");
const TURNED = 60;
const HEADER = "network,seed,in_first_tenth,called,turned_called,called_turned,changed_called,called_changed,seconds";
const out = new URL("../results/label-errors.csv", import.meta.url);
const cache = process.env.CACHE ?? mkdtempSync(join(tmpdir(), "label-errors-"));
const rows = existsSync(out) ? readFileSync(out, "utf8").trim().split("\n").slice(1) : [];

const SIDES = [
  { side: "thaw_small", arch: "thaw_small" },
  // As in the report of a run, which takes the features that training cached.
  { side: "thaw_small in 8 bit", arch: "thaw_small", precision: "int8" },
  ...(mobileNet ? [{ side: "mobilenet_v2", arch: "mobilenet_v2", weights: mobileNet }] : []),
];

for (const { side, arch, weights, precision } of SIDES) {
  const architecture = architectureOf(arch);
  const { train, valid, classes } = await ImageClassifierData.fromPaths(folder, {
    tfms: tfmsFromModel(architecture, architecture.size),
    cache,
  });
  const options = { tfms: tfmsFromModel(architecture, auditSize(architecture, train.length)), cache };
  const all = [...train, ...valid];
  for (let seed = 0; seed < 5; seed++) {
    if (rows.some((row) => row.startsWith(`${side},${seed},`))) continue;
    const random = randomStream(seed, "turned labels");
    const turned = new Set(random.shuffle(all.map(({ name }) => name)).slice(0, TURNED));
    const labels = all.map(({ name, label }) =>
      turned.has(name) ? (label + random.integer(1, classes.length - 1)) % classes.length : label,
    );
    const data = await ImageClassifierData.fromNamesAndArray(
      folder,
      all.map(({ name }) => name),
      labels.map((label) => classes[label]),
      { ...options, valIdxs: all.map((_, i) => i).filter((i) => i >= train.length) },
    );
    const learner = await ConvLearner.pretrained(architecture, data, { ...(weights && { weights }), cache });
    const start = performance.now();
    const { labels: doubted, flips } = await findDataProblems(learner, { cache, precision });
    const seconds = (performance.now() - start) / 1000;
    await learner.dispose();
    const found = doubted.slice(0, all.length / 10).filter(({ file }) => turned.has(file)).length / TURNED;
    const called = doubted.filter(({ likely }) => likely);
    const right = called.filter(({ file }) => turned.has(file)).length;
    const shares = [right / TURNED, right / called.length, flips.found / flips.changed, flips.found / flips.called];
    rows.push([side, seed, found.toFixed(4), called.length, ...shares.map((share) => share.toFixed(3)), seconds.toFixed(1)].join(","));
    console.log(rows.at(-1));
    writeFileSync(out, `${[HEADER, ...rows].join("\n")}\n`);
  }
}
for (const side of new Set(rows.map((row) => row.split(",")[0]))) {
  const found = rows.filter((row) => row.startsWith(`${side},`)).map((row) => Number(row.split(",")[2]));
  console.log(`${side}: median ${found.sort((a, b) => a - b)[Math.floor(found.length / 2)]} of the turned labels in the first tenth`);
}
