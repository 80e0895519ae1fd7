// How many acts it takes in the studio until 95 % of the photographs have the right label, beside labelling them one by one. The folders' names are
// the truth, and hidden from the studio.
//
//   node bench/labelling/run.mjs <folder with a folder for each class> [--seeds 3]
//
// Writes bench/results/labelling.md with its curve, docs/images/labelling-light.svg and -dark.svg. Acts do not depend on the machine.

import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { loadCharts } from "../../dist/chart/chart.js";
import { linesChart } from "../../dist/chart/lines.js";
import { randomStream } from "../../dist/core/random.js";
import { diskStore } from "../../dist/core/store/disk.node.js";
import { openSharedLog } from "../../dist/core/store/shared-log.node.js";
import { files } from "../../dist/data/files/files.node.js";
import { StudioSession } from "../../dist/studio/session/session.js";

const [folder, ...flags] = process.argv.slice(2);
if (!folder) throw new Error("Give a folder with a folder of photographs for each class");
const seeds = flags[0] === "--seeds" ? Number(flags[1]) : 3;
const ENOUGH = 0.95;
/** Photographs that are labelled in the order of their names before the head is asked. */
const FIRST = 10;
/** Photographs in a row of the grid. */
const ROWS = [10, 20];

const classes = readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
const photographs = classes.flatMap((label) =>
  readdirSync(join(folder, label)).map((name) => ({ label, file: resolve(folder, label, name) })),
);
const cache = process.env.CACHE ?? mkdtempSync(join(tmpdir(), "labelling-cache-"));

/** A studio of the photographs in an order of chance, without their labels; `truth` has these by number. */
async function open(seed) {
  const place = mkdtempSync(join(tmpdir(), "labelling-"));
  const shuffled = randomStream(seed, "labelling").shuffle(photographs);
  mkdirSync(join(place, "photographs"));
  for (const [i, { file }] of shuffled.entries())
    symlinkSync(file, join(place, "photographs", `${`${i}`.padStart(6, "0")}${file.slice(file.lastIndexOf("."))}`));
  let ids = 0;
  const session = await StudioSession.open({
    tree: files.tree(join(place, "photographs")),
    log: await openSharedLog(join(place, "labels.jsonl")),
    cache,
    cacheStore: diskStore(cache),
    cores: 2,
    offline: true,
    now: () => 0,
    newId: () => `${ids++}`,
    onEvent: (event) => event.event === "warning" && console.error(event),
  });
  const truth = session.list({}).ids.map((_, id) => shuffled[Number(session.table.name(id).slice(0, 6))].label);
  session.start();
  do await new Promise((done) => setTimeout(done, 100));
  while (session.state.work);
  const close = async () => {
    await session.close();
    rmSync(place, { recursive: true });
  };
  return { session, truth, close };
}

/** The share of right labels after each act, by a user who goes row by row: of the surest guesses of a class, wrong ones are labelled, and the rest accepted. */
async function rowByRow(seed, row) {
  const { session, truth, close } = await open(seed);
  const right = [0];
  const acted = () =>
    right.push(session.list({ state: "labelled" }).ids.filter((id) => session.labelOf(id) === truth[id]).length / truth.length);
  const label = async (id) => {
    await session.act({ act: "label", ids: [id], class: truth[id] });
    acted();
  };
  for (const id of session.list({}).ids.slice(0, FIRST)) await label(id);
  let shown = 0;
  let guessed = 0;
  while (right.at(-1) < ENOUGH) {
    await session.refit();
    const guesses = session.photographs(session.list({ state: "unlabelled", order: "sure" }).ids.slice(0, 1000));
    const { class: name } = guesses[0].guess;
    const surest = guesses.filter(({ guess }) => guess.class === name).slice(0, row);
    const wrong = surest.filter(({ id, guess }) => guess.class !== truth[id]);
    shown += surest.length;
    guessed += surest.length - wrong.length;
    for (const { id } of wrong) await label(id);
    if (wrong.length < surest.length) {
      await session.act({ act: "accept", ids: surest.filter((photograph) => !wrong.includes(photograph)).map(({ id }) => id) });
      acted();
    }
  }
  await close();
  return { acts: right.length - 1, right, precision: guessed / shown };
}

const measured = [];
for (const row of ROWS) {
  const runs = [];
  for (let seed = 0; seed < seeds; seed++) {
    runs.push(await rowByRow(seed, row));
    console.log(
      `rows of ${row}, seed ${seed}: ${runs.at(-1).acts} acts, ${(100 * runs.at(-1).precision).toFixed(1)} % of the guesses shown were right`,
    );
  }
  runs.sort((a, b) => a.acts - b.acts);
  measured.push({ row, runs, median: runs[Math.floor(runs.length / 2)] });
}

const oneByOne = Math.ceil(ENOUGH * photographs.length);
const percent = (share) => `${(100 * share).toFixed(0)} %`;
const chart = linesChart({
  title: "Labelling in the studio",
  x: "acts",
  description: `Share of right labels over acts: ${measured.map(({ row, median }) => `rows of ${row} reach ${percent(ENOUGH)} after ${median.acts} acts`).join(", ")}, and labelling one by one after ${oneByOne}.`,
  panels: [
    {
      name: "share of right labels",
      range: [0, 1],
      lines: [
        ...measured.map(({ row, median }) => ({ name: `rows of ${row}`, points: median.right.map((share, act) => [act, share]) })),
        {
          name: "one by one",
          reference: true,
          points: [
            [0, 0],
            [oneByOne, oneByOne / photographs.length],
          ],
        },
      ],
    },
  ],
});
await loadCharts();
for (const theme of ["light", "dark"]) await chart.save(join("docs", "images", `labelling-${theme}.svg`), { theme });
const rows = measured.map(
  ({ row, runs, median }) =>
    `| rows of ${row} | ${median.acts} | ${runs[0].acts} to ${runs.at(-1).acts} | ${(oneByOne / median.acts).toFixed(1)} | ${percent(median.precision)} |`,
);
writeFileSync(
  new URL("../results/labelling.md", import.meta.url),
  `# Labelling in the studio

Command: \`node bench/labelling/run.mjs flowers --seeds ${seeds}\`.

${photographs.length.toLocaleString("en-US")} photographs of ${classes.length} classes in an order of chance, without labels; their folders' names are the truth. How many acts until
${percent(ENOUGH)} of all photographs have the right label? An act is one key or one click that the journal records: a label for a
photograph, or "accept" for a row. The user labels the first ${FIRST} photographs. From then on the head is fitted anew after each row, on
the features of thaw_small, the network that ships with thaw. The row shows the surest guesses of one class; the user gives those that
are wrong their labels, one by one, and accepts the rest with one key. What a person overlooks is not in these numbers, nor is the
time that looking takes. Medians and ranges over ${seeds} orders.

| | acts | range | times fewer than one by one | guesses in rows that were right |
| --- | --- | --- | --- | --- |
${rows.join("\n")}
| one by one | ${oneByOne} | | 1 | |

<picture>
  <source media="(prefers-color-scheme: dark)" srcset="../../docs/images/labelling-dark.svg">
  <img src="../../docs/images/labelling-light.svg" alt="The share of right labels over the number of acts" width="640">
</picture>
`,
);
