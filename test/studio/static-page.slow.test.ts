// The studio's page as static files on a host that sends no headers, in Chromium: isolated by its service worker, without the network after one
// visit, and from a folder of photographs to a page that predicts. Nothing is asked of any other place. test/contract/studio.ts goes through
// everything that its engine does. Skipped where there is no Chromium.

import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { unzipSync } from "fflate";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { drawSample } from "../../src/index.ts";
import { drop } from "../fixtures/drop.ts";
import { plainHost } from "../fixtures/plain-host.ts";
import { staticSite } from "../fixtures/studio/static-site.ts";

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const MINUTES = 60_000;

describe.skipIf(!existsSync(executablePath))("the static page", () => {
  let [folder, site, pets] = ["", "", ""];
  let browser: Browser;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "thaw-static-page-"));
    pets = join(folder, "pets");
    await drawSample({ folder: pets, count: 12 });
    site = await staticSite(join(folder, "built"));
    browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"] });
  }, 15 * MINUTES);
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true });
  });

  /** A page of `address` in a browser that has been nowhere, or in `context`. It fails the test where it asks anything of another place. */
  async function open(address: string, context?: BrowserContext): Promise<Page> {
    const own = context ?? (await browser.newContext({ acceptDownloads: true }));
    const page = await own.newPage();
    page.setDefaultTimeout(MINUTES);
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("request", (request) => {
      if (!request.url().startsWith(address) && !/^(blob|data):/.test(request.url())) problems.push(request.url());
    });
    onTestFinished(async () => {
      await own.close();
      expect(problems).toEqual([]);
    });
    await page.goto(address);
    return page;
  }

  async function pick(page: Page): Promise<void> {
    await page.locator("input[type=file][webkitdirectory]").first().setInputFiles(pets);
    await page.getByText("32 photographs").first().waitFor();
  }

  test("a folder that is dropped is learnt from in the page itself, and one that is picked without the network", {
    timeout: 20 * MINUTES,
  }, async () => {
    const host = await plainHost(site);
    const page = await open(host.address);
    await drop(page, ".empty-drop", [pets]);
    await page.getByText("32 photographs").first().waitFor();
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    await page.getByText(/Guesses are right for \d+ %/).waitFor({ timeout: 8 * MINUTES });
    expect(await page.getByText(/^(cats|dogs)$/).count()).toBeGreaterThanOrEqual(2);
    const { own } = JSON.parse(await readFile(join(site, "files.json"), "utf8")) as { own: string[] };
    const kept = () =>
      page.evaluate(async (names) => Promise.all(names.map(async (name) => (await caches.match(name)) !== undefined)), own);
    await expect.poll(kept, { timeout: 3 * MINUTES }).not.toContain(false);
    // Labels and folder are found again: the page's name for the folder is the key of what it keeps.
    await host.close();
    await page.reload();
    await pick(page);
    await page.getByText(/Guesses are right for \d+ %/).waitFor({ timeout: 8 * MINUTES });
  });

  test("trains, and exports a page that predicts", { timeout: 30 * MINUTES }, async () => {
    const host = await plainHost(site);
    onTestFinished(() => host.close());
    const page = await open(host.address);
    await pick(page);
    await page.getByRole("link", { name: "Train" }).click();
    await page.getByRole("slider").fill("0");
    await page.getByRole("button", { name: "Train", exact: true }).click();
    await page.getByRole("button", { name: "See the results" }).click({ timeout: 15 * MINUTES });
    await page.getByRole("link", { name: "Try" }).click();
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Web page" }).click();
    const exported = join(folder, "exported");
    for (const [name, content] of Object.entries(unzipSync(await readFile(await (await download).path())))) {
      await mkdir(dirname(join(exported, name)), { recursive: true });
      await writeFile(join(exported, name), content);
    }
    const other = await plainHost(exported);
    onTestFinished(() => other.close());
    const predicting = await open(other.address);
    await predicting.getByText("2 classes").waitFor();
    const [picture] = await readdir(join(pets, "valid/dogs"));
    await predicting.getByLabel("Picture to try").setInputFiles(join(pets, "valid/dogs", picture as string));
    await predicting
      .locator(".first-answer")
      .getByText(/cats|dogs|none of them/)
      .waitFor();
  });
});
