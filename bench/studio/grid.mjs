// Frames and memory of the studio's grid while 100,000 photographs scroll by: node bench/studio/grid.mjs [--photographs 100000] [--seconds 8]
// (CHROMIUM names the browser). The engine behind the page is the tests' own, in the page; thumbnails of 320 × 240 come from a server, each
// under an address of its own.

import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { chromium } from "playwright";
import { runnerImport } from "vite";

const { values } = parseArgs({
  options: { photographs: { type: "string", default: "100000" }, seconds: { type: "string", default: "8" } },
});
const fixture = fileURLToPath(new URL("../../test/fixtures/studio/serve-page.ts", import.meta.url));
const { module } = await runnerImport(fixture);
const server = await module.servePage();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"],
});
const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
const session = await page.context().newCDPSession(page);
await session.send("Performance.enable");

/** Megabytes of the page's JavaScript after a collection, and its nodes. */
async function memory() {
  await session.send("HeapProfiler.collectGarbage");
  const { metrics } = await session.send("Performance.getMetrics");
  const of = (name) => metrics.find((metric) => metric.name === name).value;
  return { megabytes: of("JSHeapUsedSize") / 1e6, nodes: of("Nodes") };
}

/** The milliseconds of each frame while the grid moves by `pixels` in each. */
const scroll = (pixels) =>
  page.evaluate(
    async ([step, milliseconds]) => {
      const grid = document.querySelector(".grid");
      const frames = [];
      let last = await new Promise(requestAnimationFrame);
      const end = last + milliseconds;
      while (last < end) {
        grid.scrollTop = grid.scrollTop + step > grid.scrollHeight - grid.clientHeight ? 0 : grid.scrollTop + step;
        const now = await new Promise(requestAnimationFrame);
        frames.push(now - last);
        last = now;
      }
      return frames;
    },
    [pixels, 1000 * Number(values.seconds)],
  );

const begun = performance.now();
await page.goto(`${server.address}?photographs=${values.photographs}&classes=daisies,roses,sunflowers,tulips&served=1&marks=1`);
await page.locator('[data-place="0"] img').waitFor();
const opened = performance.now() - begun;
const paint = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0].startTime);
const before = await memory();
console.log(`${cpus()[0].model}, ${cpus().length} cores; ${values.photographs} photographs, 1440 × 900`);
console.log(
  `first paint after ${paint.toFixed(0)} ms; first thumbnails after ${opened.toFixed(0)} ms, with the making of the engine's rows`,
);
for (const pixels of [20, 200, 4000]) {
  const frames = (await scroll(pixels)).sort((a, b) => a - b);
  const at = (share) => frames[Math.min(frames.length - 1, Math.floor(share * frames.length))].toFixed(1);
  const late = frames.filter((frame) => frame > 34).length / frames.length;
  const { megabytes, nodes } = await memory();
  console.log(
    `${pixels} pixels a frame: median ${at(0.5)} ms, 95 % within ${at(0.95)}, 99 % within ${at(0.99)}, longest ${at(1)}; ` +
      `${(100 * late).toFixed(1)} % late; ${(megabytes - before.megabytes).toFixed(1)} MB more than at first (${before.megabytes.toFixed(0)}), ${nodes} nodes`,
  );
}
await browser.close();
await server.close();
