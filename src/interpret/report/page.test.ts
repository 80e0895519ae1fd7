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

test("a stage that gains nothing does not look like one that gains", async () => {
  const content = contentOf(3, 30);
  const [first] = content.stages as [(typeof content.stages)[0]];
  const stages = [0.8, 0.8004, 0.80002, 0.81, 0.7].map((accuracy) => ({ ...first, accuracy }));
  const page = await renderReport({ ...content, stages });
  expect(page.match(/(?:<span class="\w+">)?[+-]?\d[\d.]* points/g)).toEqual([
    "0.0 points",
    "0.0 points",
    '<span class="good">+1.0 points',
    '<span class="bad">-11.0 points',
  ]);
});

test("each term that the page uses has its meaning on the page", async () => {
  const page = await renderReport(contentOf(3, 30));
  for (const term of ["precompute", "augment", "unfreeze", "precision", "recall", "F1", "macro average"])
    expect(page).toContain(`<dt>${term}</dt>`);
  for (const words of ["80 % should be right", "false alarms", "average precision", "answers below a probability"])
    expect(page).toContain(words);
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

  test.each([375, 768, 1280])(
    "at a width of %i pixels the text of charts is at least 11 pixels high",
    { timeout: 120_000 },
    async (width) => {
      const { page } = await open(width, 5, 200);
      const heights = await page.locator("svg text").evaluateAll((texts) =>
        texts.map((text) => {
          const svg = (text as unknown as { ownerSVGElement: SVGSVGElement }).ownerSVGElement;
          return (Number.parseFloat(getComputedStyle(text).fontSize) * svg.getBoundingClientRect().width) / svg.viewBox.baseVal.width;
        }),
      );
      expect(heights.length).toBeGreaterThan(50);
      expect(Math.min(...heights)).toBeGreaterThanOrEqual(10.99);
      await page.close();
    },
  );

  test("on a phone the rows of tables become paragraphs that name their values, and nothing is cut off", { timeout: 120_000 }, async () => {
    const { page } = await open(375, 5, 200);
    const wide = await page
      .locator("table, td")
      .evaluateAll(
        (all) => all.filter((one) => one.getBoundingClientRect().right > innerWidth + 1 && one.closest(".matrix") === null).length,
      );
    expect(wide).toBe(0);
    const named = await page
      .locator("td.n")
      .evaluateAll((all) => all.map((cell) => getComputedStyle(cell, "::before").content.replaceAll(/["\s]/g, "")));
    expect(new Set(named)).toEqual(new Set(["accuracy", "gain", "time", "precision", "recall", "F1", "images", "times"]));
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
