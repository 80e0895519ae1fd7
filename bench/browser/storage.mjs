// What a browser's kinds of storage cost: node bench/browser/storage.mjs [--rounds 7] (CHROMIUM names the browser).
// Each kind in turn, round by round, in one page and in a worker of it; medians go into bench/results/browser-storage.md.

import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { availableParallelism, cpus } from "node:os";
import { parseArgs } from "node:util";
import { chromium } from "playwright";
import { TASKS } from "./storage-kinds.mjs";

const { values } = parseArgs({ options: { rounds: { type: "string", default: "7" } } });
const rounds = Number(values.rounds);
const kinds = readFileSync(new URL("storage-kinds.mjs", import.meta.url), "utf8");
const server = createServer((request, response) => {
  const script = request.url === "/kinds.mjs";
  response
    .setHeader("Content-Type", script ? "text/javascript" : "text/html")
    .end(script ? kinds : "<!doctype html><title>storage</title>");
}).listen(0);
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
const page = await browser.newPage();
await page.goto(`http://localhost:${server.address().port}`);
await page.evaluate(async () => {
  const source = `import * as all from "${location.origin}/kinds.mjs"; onmessage = async ({ data }) => {
    try { postMessage({ result: await all.measure(...data) }); } catch (error) { postMessage({ error: String(error) }); } };`;
  const worker = new Worker(URL.createObjectURL(new Blob([source], { type: "text/javascript" })), { type: "module" });
  const inWorker = (...task) =>
    new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => (data.error ? reject(new Error(data.error)) : resolve(data.result));
      worker.postMessage(task);
    });
  globalThis.run = { page: (await import("/kinds.mjs")).measure, worker: inWorker };
});
const sides = [
  ["page", "files"],
  ["page", "cache"],
  ["page", "database"],
  ["page", "database of blobs"],
  ["worker", "files"],
  ["worker", "files, synchronous"],
  ["worker", "cache"],
  ["worker", "database"],
  ["worker", "database of blobs"],
];
const found = new Map(sides.map((side) => [side.join(": "), []]));
// The first round warms up.
for (let round = 0; round <= rounds; round++)
  for (const [where, kind] of sides) {
    const row = await page.evaluate(([where, kind]) => globalThis.run[where](kind), [where, kind]);
    if (round > 0) found.get(`${where}: ${kind}`).push(row);
    console.error(round, where, kind, JSON.stringify(row));
  }
const version = browser.version();
await browser.close();
server.close();

const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];
const lines = [...found].map(([side, rows]) => {
  const cells = TASKS.map(({ key, digits }) => median(rows.map((row) => row[key])).toFixed(digits));
  return `| ${side} | ${cells.join(" | ")} |`;
});
const text = `# Storage in a browser

Machine: ${cpus()[0]?.model}, ${availableParallelism()} cores; Chromium ${version}. Command: \`node bench/browser/storage.mjs --rounds ${rounds}\`.

Medians of ${rounds} rounds, in which the kinds take turns. *Files* are those of the origin's private file system, each written
through \`createWritable\`, whose closing replaces the old content as a whole; *synchronous*, through
\`createSyncAccessHandle\` into a new file that is then moved into its place. *Cache* is the Cache API, *database*
IndexedDB with one transaction for each value (relaxed durability, its default), holding arrays or blobs. One value at a time.

| where: kind | ${TASKS.map(({ title }) => title).join(" | ")} |
| --- | ${TASKS.map(() => "---:").join(" | ")} |
${lines.join("\n")}
`;
if (rounds >= 5) writeFileSync(new URL("../results/browser-storage.md", import.meta.url), text);
console.log(text);
