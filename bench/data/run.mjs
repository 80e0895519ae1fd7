// From files to pixels: thaw beside Pillow with torchvision's transforms, on one core each, taking turns. Run after `npm run build`:
//   node bench/data/run.mjs --data <folder of JPEGs> --python <python with bench/rivals/requirements.txt> [--count 200] [--rounds 9]
// Prints the table and writes bench/results/data.md.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startSide } from "../engine/side.mjs";
import { medianOf } from "../engine/table.mjs";

const ROWS = [
  { name: "decode", what: "decode" },
  { name: "resize", what: "decode, resize to 224 and crop the centre", floor: "1.0", target: "1.5" },
  { name: "augment", what: "decode and augment to 224", floor: "1.0", target: "1.5" },
];

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const { values } = parseArgs({
  options: {
    data: { type: "string" },
    python: { type: "string" },
    count: { type: "string", default: "200" },
    rounds: { type: "string", default: "9" },
    out: { type: "string", default: here("../results") },
  },
});
if (values.data === undefined || values.python === undefined) {
  console.error("--data names a folder of JPEGs, --python the Python of the rival.");
  process.exit(2);
}

const all = readdirSync(values.data, { recursive: true }).filter((name) => /\.jpe?g$/i.test(name));
const stride = Math.max(1, Math.floor(all.length / Number(values.count)));
const files = all
  .sort()
  .filter((_, index) => index % stride === 0)
  .slice(0, Number(values.count))
  .map((name) => join(values.data, name));
if (files.length === 0) {
  console.error(`There is no JPEG in ${values.data}.`);
  process.exit(2);
}

const versions = {};
for (const name of ["@napi-rs/image", "sharp"])
  versions[name] = JSON.parse(readFileSync(here(`../../node_modules/${name}/package.json`), "utf8")).version;
const lines = [];
for (const { name, what, floor = "", target = "" } of ROWS) {
  const thaw = await startSide([process.execPath, here("thaw-worker.mjs"), name, ...files]);
  const pillow = await startSide([values.python, here("../rivals/pillow_worker.py"), name, ...files]);
  Object.assign(versions, thaw.versions, pillow.versions);
  const times = [];
  for (let round = 0; round < Number(values.rounds); round++) times.push([await thaw.round(), await pillow.round()]);
  await thaw.stop();
  await pillow.stop();
  const [own, other] = [0, 1].map((side) => medianOf(times.map((pair) => pair[side])) / files.length);
  const ratios = times.map(([mine, theirs]) => theirs / mine).sort((a, b) => a - b);
  const spread = `${ratios[0].toFixed(2)} to ${ratios.at(-1).toFixed(2)}`;
  lines.push(
    `| ${what} | ${own.toFixed(2)} | ${other.toFixed(2)} | **${medianOf(ratios).toFixed(2)}** | ${spread} | ${floor} | ${target} |`,
  );
  console.error(lines.at(-1));
}

const table = [
  "# From files to pixels, beside Pillow with torchvision's transforms",
  "",
  `Machine: ${cpus()[0]?.model} (${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB).`,
  `Versions: ${Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(", ")}.`,
  `Command: \`node bench/data/run.mjs --data <folder> --python <python>\`; ${files.length} photographs, ${values.rounds} rounds.`,
  "[bench/README.md](../README.md) says what is unfair.",
  "",
  "Milliseconds of processor time for one photograph, medians of the rounds.",
  "Ratio: Pillow's time over thaw's; above 1, thaw is faster.",
  "",
  "| work | thaw, ms | Pillow, ms | ratio | of single rounds | floor | target |",
  "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
  ...lines,
  "",
].join("\n");
mkdirSync(values.out, { recursive: true });
writeFileSync(join(values.out, "data.md"), table);
console.log(table);
