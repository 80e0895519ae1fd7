// The report in Chromium: it is self-contained, names cannot break it, it fits a phone, and it is small and fast with many classes.

import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { contentOf, HOSTILE } from "../../../test/fixtures/report-content.ts";
import { temporaryFolder } from "../../../test/learner/tiny.ts";
import { encodeThumbnail } from "../../data/decode/encode.node.ts";
import { renderReport } from "./page.ts";

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";

/** Noise, the worst case for compression. */
async function picture() {
  const data = await sharp({
    create: { width: 150, height: 150, channels: 3, background: "grey", noise: { type: "gaussian", mean: 128, sigma: 60 } },
  })
    .removeAlpha()
    .raw()
    .toBuffer();
  const bytes = await encodeThumbnail({ width: 150, height: 150, data }, 150);
  const address = `data:image/jpeg;base64,${Buffer.from(bytes).toString("base64")}`;
  return { photo: address, heat: address };
}

test("a page with 100 classes and 10,000 images has less than 10 MB, and names stay text", { timeout: 120_000 }, async () => {
  const one = await picture();
  const page = await renderReport(contentOf(100, 10_000), async () => one);
  expect(page.length).toBeLessThan(10e6);
  expect(page).not.toContain("<script");
  expect(page).not.toMatch(/<img src=x/);
  expect(page).toContain("&#60;script&#62;");
});

test("without photographs the page still has the numbers", async () => {
  const page = await renderReport(contentOf(3, 30));
  expect(page).toContain("Class by class");
  expect(page).not.toContain("<img");
});

describe.skipIf(!existsSync(executablePath))("in Chromium", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-quic", "--disable-background-networking"] });
  });
  afterAll(() => browser.close());

  async function open(width: number, classes: number, images: number): Promise<{ page: Page; requests: string[]; complaints: string[] }> {
    const one = await picture();
    const file = join(await temporaryFolder(), "report.html");
    await writeFile(file, await renderReport(contentOf(classes, images), async () => one));
    const page = await browser.newPage({ viewport: { width, height: 700 } });
    const [requests, complaints]: [string[], string[]] = [[], []];
    page.on("request", (request) => requests.push(request.url()));
    page.on("console", (message) => complaints.push(message.text()));
    await page.goto(pathToFileURL(file).href);
    return { page, requests: requests.filter((url) => !url.startsWith("data:")), complaints };
  }

  test("it loads no other files, runs no scripts, and shows hostile names literally", { timeout: 120_000 }, async () => {
    const { page, requests, complaints } = await open(1200, 5, 200);
    expect(requests).toHaveLength(1);
    expect(complaints).toEqual([]);
    expect(await page.title()).toBe(`${HOSTILE} · thaw`);
    expect(await page.locator("h1").textContent()).toBe(HOSTILE);
    expect(await page.locator("script").count()).toBe(0);
    expect(await page.locator("img:not([alt])").count()).toBe(0);
    await page.close();
  });

  test.each([375, 1200])("at a width of %i pixels only tables and code scroll sideways", { timeout: 120_000 }, async (width) => {
    const { page } = await open(width, 100, 2_000);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    await page.close();
  });

  test("headings descend one level at a time, and tables name their columns", { timeout: 120_000 }, async () => {
    const { page } = await open(1200, 3, 60);
    const levels = await page.locator("h1, h2, h3").evaluateAll((all) => all.map((heading) => Number(heading.tagName[1])));
    expect(levels[0]).toBe(1);
    for (const [i, level] of levels.slice(1).entries()) expect(level - levels[i]!).toBeLessThanOrEqual(1);
    expect(await page.locator("table:not(:has(thead th[scope=col]))").count()).toBe(0);
    await page.close();
  });
});
