// How long the studio's head takes to be fitted anew, and to guess all photographs, after a label: in both engines, as the page says it.
//
//   node scripts/build.mjs --static && node bench/studio/refit.mjs <folder with a folder for each class> [--photographs 1000] [--acts 9]
//
// CHROMIUM names the browser. Photographs are taken in turn from the classes, and nine of ten have their label.

import { spawn, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { extname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { chromium } from "playwright";
import { preview } from "vite";

const { values, positionals } = parseArgs({
  options: { photographs: { type: "string", default: "1000" }, acts: { type: "string", default: "9" } },
  allowPositionals: true,
});
const [given] = positionals;
if (!given) throw new Error("Give a folder with a folder of photographs for each class");
const command = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const place = mkdtempSync(join(tmpdir(), "refit-"));
const [folder, site] = [join(place, "photographs"), join(place, "site")];

const classes = readdirSync(given, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
const left = classes.map((name) => readdirSync(join(given, name)).map((file) => join(name, file)));
for (let i = 0; i < Number(values.photographs); i++) {
  const from = left[i % classes.length].shift();
  if (from === undefined) throw new Error(`There are fewer than ${values.photographs} photographs, or not as many of each class`);
  const to = i % 10 === 9 ? folder : join(folder, classes[i % classes.length]);
  mkdirSync(to, { recursive: true });
  copyFileSync(join(given, from), join(to, `${i}${extname(from)}`));
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"],
});

/** Labels one photograph after another, and returns the seconds of each fit, in order of size. */
async function fits(page) {
  const said = page.locator("[title*=' fitted on ']");
  await said.waitFor({ timeout: 1_800_000 });
  const lastFit = async () => /fitted on (.*) labels? in ([\d.]+) s/.exec(await said.getAttribute("title"));
  await page.getByLabel("State").selectOption("unlabelled");
  await page.locator('[data-place="0"] .guess').waitFor();
  await page.locator('[data-place="0"]').click();
  const seconds = [];
  for (let act = 0; act < Number(values.acts); act++) {
    const [, before] = await lastFit();
    await page.keyboard.press("1");
    let now = await lastFit();
    while (now[1] === before) {
      await page.waitForTimeout(50);
      now = await lastFit();
    }
    seconds.push(Number(now[2]));
  }
  return seconds.sort((a, b) => a - b);
}

async function inNode() {
  const studio = spawn(process.execPath, [command, "studio", folder, "--no-open", "--json", "--offline"]);
  for await (const line of createInterface(studio.stdout)) {
    const { event, url } = JSON.parse(line);
    if (event !== "listening") continue;
    const page = await browser.newPage();
    await page.goto(url);
    const seconds = await fits(page);
    await page.close();
    studio.kill("SIGINT");
    return seconds;
  }
  throw new Error("thaw studio has ended");
}

async function inBrowser() {
  spawnSync(process.execPath, [command, "studio", "--static", site], { stdio: ["ignore", "ignore", "inherit"] });
  const server = await preview({ configFile: false, build: { outDir: site }, preview: { port: 0 }, logLevel: "error" });
  const page = await browser.newPage();
  await page.goto(server.resolvedUrls.local[0]);
  await page.locator("input[type=file][webkitdirectory]").first().setInputFiles(folder);
  const seconds = await fits(page);
  await server.close();
  return seconds;
}

console.log(`${cpus()[0].model}, ${cpus().length} cores; ${values.photographs} photographs of ${classes.length} classes`);
for (const [engine, work] of [
  ["Node", inNode],
  ["Chromium", inBrowser],
]) {
  const seconds = await work();
  const median = seconds[Math.floor(seconds.length / 2)];
  console.log(`${engine}: a fit and all guesses take ${median.toFixed(2)} s (median), ${seconds.at(-1).toFixed(2)} s at most`);
}
await browser.close();
rmSync(place, { recursive: true });
