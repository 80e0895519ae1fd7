// What thaw's kernels in WebAssembly save: thaw in Chromium with the file of ONNX Runtime's package, with the faster matrix products alone
// (scripts/matrix-product.mjs) and with its own, which computes depthwise convolutions directly too (scripts/depthwise.mjs) and activations in
// place by vectors (scripts/in-place.mjs), and in Node, by processor time with one thread each, so that other work on the machine counts little. Prints a table; needs `npm run build`. CHROMIUM
// names the browser.
// `node bench/browser/kernels.mjs [--rounds 9] [--only <words>]`

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { chromium } from "playwright";
import { createServer } from "vite";
import { withFasterProducts } from "../../scripts/matrix-product.mjs";
import { machineName } from "../processor.mjs";
import { openWork } from "./work.mjs";

const { values } = parseArgs({ options: { rounds: { type: "string", default: "9" }, only: { type: "string", default: "" } } });
const root = fileURLToPath(new URL("../..", import.meta.url));
const NETWORK = "mobilenet_v2";
/** Has depthwise convolutions of 5 × 5 too. */
const LARGER = "efficientnet_b0";
const ROWS = [
  { kind: "features", network: NETWORK, size: 128, batch: 32 },
  { kind: "features", network: NETWORK, size: 224, batch: 16 },
  { kind: "features", network: LARGER, size: 128, batch: 16 },
  { kind: "all", network: NETWORK, size: 128, batch: 8 },
  { kind: "all", network: NETWORK, size: 224, batch: 8 },
  { kind: "head", network: NETWORK, size: 224, batch: 64 },
];
const nameOf = ({ kind, network, size }) => (kind === "head" ? kind : `${kind} ${network === NETWORK ? "" : `${network} `}${size}`);
/** Milliseconds of a tick of Linux's processor times. */
const TICK = 10;
/** Processor time that a round of one side should take at least, in which ticks are fine enough. */
const ROUND = 600;

const server = await createServer({
  root,
  configFile: false,
  logLevel: "error",
  appType: "mpa",
  server: { port: 0, fs: { strict: false }, hmr: false },
  optimizeDeps: { entries: ["bench/browser/work.mjs"], exclude: ["thaw"] },
});
await server.listen();

/** Milliseconds of all processes below `parent`, with their threads that have ended. */
function millisecondsBelow(parent) {
  const processes = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((id) => {
      try {
        const fields = readFileSync(`/proc/${id}/stat`, "utf8").split(") ")[1].split(" ");
        return [{ id: Number(id), parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) }];
      } catch {
        return []; // It has ended.
      }
    });
  const below = (id) =>
    processes.filter((process) => process.parent === id).reduce((sum, process) => sum + process.ticks + below(process.id), 0);
  return below(parent) * TICK;
}

/** A browser whose page does a row's work in a worker, with thaw's file of WebAssembly or with the one at `file`. */
async function openBrowser(file) {
  const launched = await chromium.launchServer({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
  });
  const context = await (await chromium.connect(launched.wsEndpoint())).newContext();
  let replaced = 0;
  if (file)
    await context.route(/\/ort-wasm-simd-threaded\.wasm/, (route) => {
      replaced++;
      return route.fulfill({ path: file, contentType: "application/wasm" });
    });
  return {
    async open(row) {
      const page = await context.newPage();
      await page.goto(`${server.resolvedUrls.local[0]}bench/browser/page/blank.html`);
      const ask = (message) =>
        page.evaluate((message) => {
          globalThis.worker ??= new Worker("/bench/browser/page/worker.js", { type: "module" });
          return new Promise((resolve, reject) => {
            globalThis.worker.onmessage = ({ data }) => (data.error ? reject(new Error(data.error)) : resolve());
            globalThis.worker.onerror = ({ message }) => reject(new Error(message));
            globalThis.worker.postMessage(message);
          });
        }, message);
      await ask({ module: "/bench/browser/work.mjs", args: [row, 1], count: 0 });
      const run = async (count) => {
        await ask({ count });
        if (file && replaced === 0) throw new Error("The page did not load the file that was put in place of thaw's");
      };
      return { run, time: () => millisecondsBelow(launched.process().pid), release: () => page.close() };
    },
    close: () => launched.close(),
  };
}

async function openHere(row) {
  const work = await openWork(row, 1);
  const run = async (count) => {
    for (let i = 0; i < count; i++) await work.run();
  };
  const time = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  };
  return { run, time, release: () => work.release() };
}

const folder = mkdtempSync(join(tmpdir(), "thaw-kernels-"));
const packaged = `${root}/node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm`;
const products = join(folder, "products.wasm");
writeFileSync(products, withFasterProducts(readFileSync(packaged)));
const browsers = [await openBrowser(packaged), await openBrowser(products), await openBrowser()];
console.log(`${machineName()}; Node ${process.version}\n`);
console.log(
  "| ms of a processor per photograph | the package's file | faster products | thaw's | as fast | Node | of Node's before | now |",
);
console.log("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
for (const row of ROWS.filter((row) => nameOf(row).includes(values.only))) {
  const sides = [...(await Promise.all(browsers.map((browser) => browser.open(row)))), await openHere(row)];
  const timed = async ({ run, time }, count) => {
    const start = time();
    await run(count);
    return time() - start;
  };
  const counts = [];
  for (const side of sides) {
    await side.run(3); // Until V8 has its last version of the code.
    counts.push(Math.max(1, Math.ceil(ROUND / Math.max(TICK, await timed(side, 1)))));
  }
  const found = sides.map(() => []);
  for (let round = 0; round < Number(values.rounds); round++)
    for (const [i, side] of sides.entries()) found[i].push((await timed(side, counts[i])) / counts[i] / row.batch);
  // What else the machine does makes a round slower, never faster.
  const least = found.map((times) => Math.min(...times));
  const [theirs, , ours, node] = least;
  const cells = [...least.slice(0, 3), theirs / ours, node, node / theirs, node / ours].map((value) => value.toFixed(2));
  console.log(`| ${nameOf(row)} | ${cells.join(" | ")} |`);
  for (const side of sides) await side.release();
}
for (const browser of browsers) await browser.close();
await server.close();
rmSync(folder, { recursive: true });
