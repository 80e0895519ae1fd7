// The ways from the studio's results to its other views, in Chromium, with an engine that has no photographs. Skipped where there is no Chromium.

import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openPage } from "../fixtures/studio/open-page.ts";
import { type ServedPage, servePage } from "../fixtures/studio/serve-page.ts";

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const MINUTES = 60_000;

describe.skipIf(!existsSync(executablePath))("the studio's results", { timeout: 5 * MINUTES }, () => {
  let server: ServedPage;
  let browser: Browser;

  beforeAll(async () => {
    server = await servePage();
    browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
  }, 10 * MINUTES);
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  const open = () => openPage(browser, server.address, "photographs=1200&classes=daisies,roses,sunflowers,tulips&runs=1#results");

  test("after the photographs of a cell all are shown, whatever was filtered before", async () => {
    const page = await open();
    await page.getByRole("link", { name: "Photos" }).click();
    const name = page.getByLabel("Part of the name");
    await name.fill("nothing");
    await page.getByText("No photograph fits these filters.").waitFor();
    await page.getByRole("link", { name: "Results" }).click();
    await page.getByRole("button", { name: "daisies predicted as roses: 9" }).click();
    await page.getByText("daisies predicted as roses 9 photographs").waitFor();
    await page.getByRole("button", { name: "Show all" }).click();
    await page.locator('[data-place="20"]').waitFor();
    expect(await name.inputValue()).toBe("");
  });

  test("to train again is one click, and a view begins at its top", async () => {
    const page = await open();
    await page.getByRole("heading", { name: "How it trained" }).scrollIntoViewIfNeeded();
    await expect.poll(() => page.locator("main").evaluate((main) => main.scrollTop)).toBeGreaterThan(0);
    await page.keyboard.press("Alt+4");
    await page.getByRole("heading", { name: "Try it" }).waitFor();
    expect(await page.locator("main").evaluate((main) => main.scrollTop)).toBe(0);
    await page.getByRole("link", { name: "Results" }).click();
    await page.getByRole("button", { name: "Train again" }).click();
    await page.getByRole("heading", { name: "Train a classifier" }).waitFor();
  });

  test("labels that are likely wrong come before those that may be", async () => {
    const page = await open();
    const words = page.locator("section[aria-labelledby=doubts] .finding > span:nth-child(2)");
    await words.first().waitFor();
    const likely = (await words.allTextContents()).map((text) => text.startsWith("likely"));
    expect(likely).toEqual(likely.toSorted((a, b) => Number(b) - Number(a)));
  });
});
