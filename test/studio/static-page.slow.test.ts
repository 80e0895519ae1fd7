// The studio's page as static files, served without any header, in Chromium: a folder is opened, its labels and guesses are there, and nothing is
// asked of any other place. test/contract/studio.ts goes through everything that its engine does. Skipped where there is no Chromium.

import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright";
import { build, preview } from "vite";
import { expect, onTestFinished, test } from "vitest";
import { drawSample } from "../../src/index.ts";

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const root = fileURLToPath(new URL("../../src/studio/page/static", import.meta.url));

test.skipIf(!existsSync(executablePath))("a folder is opened and learnt from in the page itself", { timeout: 600_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "thaw-static-page-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const [outDir, pets] = [join(folder, "page"), join(folder, "pets")];
  await drawSample({ folder: pets, count: 12 });
  await build({ configFile: join(root, "vite.config.ts"), logLevel: "error", build: { outDir } });
  const server = await preview({ root, configFile: false, build: { outDir }, preview: { port: 0 }, logLevel: "error" });
  onTestFinished(() => server.close());
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"] });
  onTestFinished(() => browser.close());
  const page = await browser.newPage();
  const address = server.resolvedUrls?.local[0] as string;
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("request", (request) => {
    if (!request.url().startsWith(address) && !/^(blob|data):/.test(request.url())) problems.push(request.url());
  });
  await page.goto(address);
  await page.locator("input[type=file][webkitdirectory]").first().setInputFiles(pets);
  await page.getByText("32 photographs").first().waitFor({ timeout: 60_000 });
  await page.getByText(/Guesses are right for \d+ %/).waitFor({ timeout: 240_000 });
  const classes = await page.getByText(/^(cats|dogs)$/).count();
  expect(classes).toBeGreaterThanOrEqual(2);
  // Labels and folder are found again: the page's name for the folder is the key of what it keeps.
  await page.reload();
  await page.locator("input[type=file][webkitdirectory]").first().setInputFiles(pets);
  await page.getByText("32 photographs").first().waitFor({ timeout: 60_000 });
  expect(problems).toEqual([]);
});
