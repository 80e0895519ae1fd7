// How fast a browser computes features and trains, beside Node and TensorFlow.js; how long a person waits from the click to a trained head; and
// how much memory a long run takes. After npm run build, and npm ci --ignore-scripts --prefix bench/rivals/tfjs:
//
//   node bench/browser/run.mjs [--rounds 5] [--minutes 10] [--again] [--only <words>]
//
// CHROMIUM names the browser. Measurements are stored in bench/results/browser.json after each row, by kind of processor (and its generation,
// if the kind has results of another), and a further run continues from there; --again repeats them. Writes bench/results/browser.md.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { chromium } from "playwright";
import { build, createServer, preview } from "vite";
import { drawSample } from "../../dist/index.js";
import { machineName, tableName } from "../processor.mjs";
import { memoryOver } from "./memory.mjs";
import { writeTable } from "./table.mjs";
import { openWork, timed } from "./work.mjs";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    minutes: { type: "string", default: "10" },
    threads: { type: "string", default: "2" },
    /** Photographs of each class in the sample set. */
    count: { type: "string" },
    /** Only rows whose name contains it. */
    only: { type: "string", default: "" },
    again: { type: "boolean", default: false },
    results: { type: "string", default: fileURLToPath(new URL("../results/browser", import.meta.url)) },
  },
});
const [rounds, minutes, threads] = [values.rounds, values.minutes, values.threads].map(Number);
const root = fileURLToPath(new URL("../..", import.meta.url));
/** Milliseconds that a round of one side should last. */
const ROUND = 1000;

/** The rows: what is done, and whether TensorFlow.js does it too. */
const ROWS = ["thaw_small", "mobilenet_v2"].flatMap((network) => [
  // Precompute takes 64 photographs at a time.
  ...[128, 224].map((size) => ({ kind: "features", network, size, batch: 64, rival: network === "mobilenet_v2" })),
  { kind: "head", network, size: 224, batch: 64, rival: network === "mobilenet_v2" },
  ...[128, 224].map((size) => ({ kind: "all", network, size, batch: 16, rival: false })),
]);
const nameOf = ({ kind, network, size, batch }) => `${kind} ${network} ${kind === "head" ? "" : `${size} `}batch ${batch}`;

const machine = machineName();
const file = `${values.results}.json`;
const all = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
const kind = tableName(all, machine);
if (kind === undefined) throw new Error(`${file} has this kind's results of other machines: write to another file (--results)`);
all[kind] ??= { machine, rows: {} };
const mine = all[kind];
console.log(`${kind}: ${machine}; ${threads} threads, ${rounds} rounds`);

const isolating = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});
Object.assign(mine, {
  chromium: browser.version(),
  node: process.version,
  threads,
});

const wanted = (name) => name.includes(values.only) && (values.again || mine.rows[name] === undefined);
function keep(name, measured) {
  mine.rows[name] = { ...measured, date: new Date().toISOString().slice(0, 10) };
  writeFileSync(file, `${JSON.stringify(all, undefined, 2)}\n`);
  writeTable(`${values.results}.md`, all);
  console.log(`${name}: ${JSON.stringify(measured)}`);
}

try {
  await speeds();
  await clicks();
} finally {
  await browser.close();
}

/** Features and training steps, in rounds in which the sides take turns. */
async function speeds() {
  const rows = ROWS.filter((row) => wanted(nameOf(row)));
  if (rows.length === 0) return;
  const tfjs = `${root}/bench/rivals/tfjs/node_modules`;
  const hasRival = existsSync(tfjs);
  if (!hasRival) console.log("SKIPPED: TensorFlow.js, which is not installed (npm ci --ignore-scripts --prefix bench/rivals/tfjs)");
  const serve = async (headers) => {
    const server = await createServer({
      root,
      configFile: false,
      logLevel: "error",
      appType: "mpa",
      server: { port: 0, headers, fs: { strict: false }, hmr: false },
      optimizeDeps: { entries: ["bench/browser/work.mjs", ...(hasRival ? ["bench/rivals/tfjs/work.mjs"] : [])], exclude: ["thaw"] },
    });
    return server.listen();
  };
  const [server, plainServer] = [await serve(isolating), await serve({})];
  try {
    for (const row of rows) {
      const sides = { node: await openWork(row, threads), page: await inPage(server, "/bench/browser/work.mjs", row) };
      // Training takes one core there, which is no news.
      if (row.kind === "features") sides.plain = await inPage(plainServer, "/bench/browser/work.mjs", row);
      if (row.rival && hasRival)
        sides.tfjs = await inPage(
          server,
          "/bench/rivals/tfjs/work.mjs",
          row,
          "/bench/rivals/tfjs/node_modules/@tensorflow/tfjs-backend-wasm/dist/",
        );
      keep(nameOf(row), await takeTurns(sides, row.batch));
      for (const side of Object.values(sides)) await side.release();
    }
  } finally {
    await server.close();
    await plainServer.close();
  }

  /** The row in a worker of a page of its own. */
  async function inPage(from, module, row, ...more) {
    const page = await browser.newPage();
    await page.goto(`${from.resolvedUrls.local[0]}bench/browser/page/blank.html`);
    if ((await page.evaluate(() => crossOriginIsolated)) !== (from === server))
      throw new Error("The page is not isolated as its headers say");
    const ask = (message) =>
      page.evaluate((message) => {
        globalThis.worker ??= new Worker("/bench/browser/page/worker.js", { type: "module" });
        return new Promise((resolve, reject) => {
          globalThis.worker.onmessage = ({ data }) => (data.error ? reject(new Error(data.error)) : resolve(data.milliseconds));
          globalThis.worker.onerror = ({ message }) => reject(new Error(message));
          globalThis.worker.postMessage(message);
        });
      }, message);
    await ask({ module, args: [row, threads, ...more], count: 0 });
    return { times: (count) => ask({ count }), release: () => page.close() };
  }
}

/** Pictures per second of each side: the median of rounds, after one to warm up and one to see how many runs fill a round. */
async function takeTurns(sides, batch) {
  const timesOf = (side) => side.times ?? ((count) => timed(side, count));
  const counts = {};
  for (const [name, side] of Object.entries(sides)) {
    await timesOf(side)(1);
    counts[name] = Math.max(1, Math.round(ROUND / (await timesOf(side)(1))));
  }
  const found = Object.fromEntries(Object.keys(sides).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++)
    for (const [name, side] of Object.entries(sides)) found[name].push((batch * counts[name] * 1000) / (await timesOf(side)(counts[name])));
  return Object.fromEntries(Object.entries(found).map(([name, speeds]) => [name, median(speeds)]));
}

function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

/** From the click to a trained head, three times, each in a page without anything stored; and the memory of a long run. */
async function clicks() {
  const [click, memory] = ["click to trained head", `memory over ${minutes} minutes`];
  if (!wanted(click) && !wanted(memory)) return;
  const scratch = mkdtempSync(join(tmpdir(), "thaw-bench-browser-"));
  const pageRoot = fileURLToPath(new URL("page", import.meta.url));
  const outDir = join(scratch, "page");
  await build({ root: pageRoot, configFile: false, logLevel: "error", worker: { format: "es" }, build: { outDir, target: "es2022" } });
  const server = await preview({
    root: pageRoot,
    configFile: false,
    logLevel: "error",
    build: { outDir },
    preview: { port: 0, headers: isolating },
  });
  try {
    const photos = join(scratch, "sample");
    await drawSample({ folder: photos, ...(values.count && { count: Number(values.count) }) });
    const open = async () => {
      const page = await (await browser.newContext()).newPage();
      await page.goto(server.resolvedUrls.local[0]);
      await page.waitForFunction(() => document.title === "ready");
      await page.locator("#folder").setInputFiles(photos);
      return page;
    };
    if (wanted(click)) {
      const runs = [];
      for (let i = 0; i < 3; i++) {
        const page = await open();
        runs.push(await page.evaluate(() => globalThis.trainHead()));
        await page.context().close();
      }
      keep(click, Object.fromEntries(["answer", "head", "end", "accuracy"].map((name) => [name, median(runs.map((run) => run[name]))])));
    }
    if (wanted(memory)) {
      const page = await open();
      keep(memory, await memoryOver(minutes, browser, (milliseconds) => page.evaluate((ms) => globalThis.trainFor(ms), milliseconds)));
      await page.context().close();
    }
  } finally {
    await server.close();
    rmSync(scratch, { recursive: true });
  }
}
