// A model as a page: exported by the command, on a host that sends no headers, in Chromium. It answers as Node does, on several threads, without
// the network, and says what to do where it was opened from the disk. Skipped where there is no Chromium.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { loadClassifier } from "../../src/index.ts";
import { axeFindings } from "../fixtures/axe.ts";
import { type Host, plainHost } from "../fixtures/plain-host.ts";
import { trainTiny } from "../fixtures/tiny-model.ts";
import { shared } from "../shared.ts";

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const MINUTES = 60_000;
const command = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const photographs = shared && join(shared, "data/dogscats/valid/dogs");

describe.skipIf(!existsSync(executablePath))("a model as a page", () => {
  let [folder, model, site] = ["", "", ""];
  let pictures: string[];
  let host: Host;
  let browser: Browser;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "thaw-model-page-"));
    model = join(folder, "<b>cats & dogs");
    site = join(folder, "site");
    pictures = await trainTiny(folder, model);
    const { status, stdout, stderr } = spawnSync(process.execPath, [command, "export", model, "--page", site], { encoding: "utf8" });
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toContain(`npx http-server ${site}`);
    host = await plainHost(site);
    const args = ["--no-sandbox", "--disable-gpu", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"];
    browser = await chromium.launch({ executablePath, args });
  }, 10 * MINUTES);
  afterAll(async () => {
    await browser?.close();
    await host?.close();
    await rm(folder, { recursive: true });
  });

  /** The page, and all that went wrong in it or was asked of other places. */
  async function open(options: Parameters<Browser["newContext"]>[0] = {}): Promise<{ page: Page; problems: string[] }> {
    const context = await browser.newContext(options);
    onTestFinished(() => context.close());
    const page = await context.newPage();
    page.setDefaultTimeout(MINUTES);
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("request", (request) => {
      if (!request.url().startsWith(host.address) && !/^(blob|data):/.test(request.url())) problems.push(request.url());
    });
    await page.goto(host.address);
    await page.getByText("2 classes").waitFor({ timeout: 3 * MINUTES });
    return { page, problems };
  }

  /** The probabilities on the page for the picture in `file`, by class. */
  async function answers(page: Page, file: string): Promise<Record<string, number>> {
    await page.getByLabel("Picture to try").setInputFiles(file);
    await page.getByText("Looking …").waitFor({ state: "hidden" });
    await page.locator(".first-answer").waitFor({ timeout: 3 * MINUTES });
    const rows = page.locator(".answers meter");
    return Object.fromEntries(
      await rows.evaluateAll((meters) => meters.map((meter) => [meter.ariaLabel, (meter as HTMLMeterElement).value])),
    );
  }

  async function nodesAnswers(file: string): Promise<Record<string, number>> {
    const classifier = await loadClassifier(model);
    onTestFinished(() => classifier.dispose());
    return Object.fromEntries((await classifier.predict(file)).map(({ class: name, probability }) => [name, probability]));
  }

  test("answers as Node does, in a page that is isolated and asks no other place", { timeout: 10 * MINUTES }, async () => {
    const { page, problems } = await open();
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    expect(await page.locator("h1").textContent()).toBe("<b>cats & dogs");
    const file = pictures[0] as string;
    const [shown, expected] = [await answers(page, file), await nodesAnswers(file)];
    expect(Object.keys(shown)).toEqual(Object.keys(expected));
    expect(Math.abs((shown.cats as number) - (expected.cats as number))).toBeLessThan(1e-4);
    expect(problems).toEqual([]);
  });

  test.skipIf(!photographs)("answers a photograph as Node does", { timeout: 10 * MINUTES }, async () => {
    const [name] = await readdir(photographs as string);
    const png = join(folder, "photograph.png");
    await sharp(join(photographs as string, name as string))
      .png()
      .toFile(png);
    const { page, problems } = await open();
    const [shown, expected] = [await answers(page, png), await nodesAnswers(png)];
    expect(Math.abs((shown.cats as number) - (expected.cats as number))).toBeLessThan(1e-4);
    expect(problems).toEqual([]);
  });

  test("answers the webcam live, and a picture that is pasted or broken", { timeout: 10 * MINUTES }, async () => {
    const { page } = await open();
    await page.getByRole("button", { name: "Webcam" }).click();
    await page.locator("video").waitFor();
    await page.locator(".first-answer").waitFor({ timeout: 3 * MINUTES });
    const broken = join(folder, "broken.png");
    await writeFile(broken, (await readFile(pictures[0] as string)).subarray(0, 200));
    await page.getByLabel("Picture to try").setInputFiles(broken);
    await page.getByRole("alert").waitFor();
    const bytes = [...(await readFile(pictures[1] as string))];
    await page.evaluate((content) => {
      const clipboardData = new DataTransfer();
      clipboardData.items.add(new File([Uint8Array.from(content)], "pasted.png", { type: "image/png" }));
      dispatchEvent(new ClipboardEvent("paste", { clipboardData }));
    }, bytes);
    await page.locator(".first-answer").waitFor({ timeout: 3 * MINUTES });
    await page.getByRole("alert").waitFor({ state: "detached" });
  });

  test.each([
    ["no headers", {}],
    ["the headers of an isolated page", { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" }],
  ])("works without the network after one visit to a host that sends %s", { timeout: 10 * MINUTES }, async (_, headers) => {
    const ending = await plainHost(site, headers);
    const context = await browser.newContext();
    onTestFinished(() => context.close());
    const page = await context.newPage();
    page.setDefaultTimeout(MINUTES);
    await page.goto(ending.address);
    await page.getByText("2 classes").waitFor({ timeout: 3 * MINUTES });
    const { own } = JSON.parse(await readFile(join(site, "files.json"), "utf8")) as { own: string[] };
    const kept = () =>
      page.evaluate(async (names) => Promise.all(names.map(async (name) => (await caches.match(name)) !== undefined)), own);
    await expect.poll(kept, { timeout: 3 * MINUTES }).not.toContain(false);
    await ending.close();
    await page.reload();
    await page.getByText("2 classes").waitFor({ timeout: 3 * MINUTES });
    expect(Object.keys(await answers(page, pictures[0] as string)).sort()).toEqual(["cats", "dogs"]);
  });

  test("is isolated beside another page of the host, in the same tab", { timeout: 10 * MINUTES }, async () => {
    const many = join(folder, "many");
    for (const name of ["first", "second"]) await cp(site, join(many, name), { recursive: true });
    const whole = await plainHost(many);
    onTestFinished(() => whole.close());
    const page = await browser.newPage();
    onTestFinished(() => page.close());
    for (const name of ["first", "second"]) {
      await page.goto(`${whole.address}${name}/`);
      await page.getByText("2 classes").waitFor({ timeout: 3 * MINUTES });
      expect([name, await page.evaluate(() => crossOriginIsolated)]).toEqual([name, true]);
    }
  });

  test("says how to serve it where it was opened from the disk", async () => {
    const page = await browser.newPage();
    onTestFinished(() => page.close());
    await page.goto(pathToFileURL(join(site, "index.html")).href);
    await page.getByText(`python3 -m http.server --directory "${site}"`).waitFor();
  });

  test.each([
    ["light", { viewport: { width: 1280, height: 800 }, colorScheme: "light" }],
    ["dark and narrow", { viewport: { width: 375, height: 740 }, colorScheme: "dark" }],
  ] as const)("axe finds nothing where it is %s, and nothing is cut off", { timeout: 10 * MINUTES }, async (_, options) => {
    const { page } = await open(options);
    expect(await axeFindings(page)).toEqual([]);
    await answers(page, pictures[0] as string);
    await page.locator("summary").click();
    expect(await axeFindings(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  });
});
