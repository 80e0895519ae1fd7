// A product in a browser: the example page, built by Vite from the package's browser entry, predicts in Chromium what Node predicts, with a
// model that was just trained here. Skipped where there is no Chromium.

import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright";
import { build, type PreviewServer, preview } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadClassifier, zipModel } from "../../src/index.ts";
import { trainTiny } from "../fixtures/tiny-model.ts";

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const example = fileURLToPath(new URL("../../examples/browser", import.meta.url));

describe.skipIf(!existsSync(executablePath))("a page", () => {
  let [folder, model] = ["", ""];
  let pictures: string[];
  let server: PreviewServer;
  let browser: Browser;
  let page: Page;
  const problems: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "thaw-page-"));
    model = join(folder, "model");
    pictures = await trainTiny(folder, model);
    const outDir = join(folder, "page");
    await build({ root: example, logLevel: "error", build: { outDir, emptyOutDir: true } });
    server = await preview({ root: example, build: { outDir }, preview: { port: 0 }, logLevel: "error" });
    browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"] });
    page = await browser.newPage();
    page.on("pageerror", (error) => problems.push(error.message));
    await page.goto(`${server.resolvedUrls?.local[0]}predict.html`);
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await rm(folder, { recursive: true });
  });

  test("answers as Node does: to 1e-4 for PNG, whose pixels are equal, to 1e-2 for JPEG", { timeout: 120_000 }, async () => {
    await page.locator("#folder").setInputFiles(model);
    await page.getByText("A model of cats, dogs.").waitFor();
    await page.locator("#pictures").setInputFiles(pictures);
    await page.getByText(`${pictures.length} photographs done.`).waitFor({ timeout: 60_000 });
    const shown = await page.locator("#answers li").evaluateAll((items) =>
      items.map((item) =>
        Array.from(item.querySelectorAll("tr"), (row) => ({
          class: row.cells[0]?.textContent,
          probability: row.querySelector("meter")?.value as number,
        })),
      ),
    );
    const classifier = await loadClassifier(model);
    const expected = await Promise.all(pictures.map((file) => classifier.predict(file)));
    await classifier.dispose();
    expect(shown.map((rows) => rows.map((row) => row.class))).toEqual(expected.map((rows) => rows.map((row) => row.class)));
    const flat = (answers: readonly (readonly { probability: number }[])[]): number[] =>
      answers.flatMap((rows) => rows.map(({ probability }) => probability));
    const half = pictures.length / 2;
    // A picture that everything is sure of would agree whatever was wrong.
    expect(Math.min(...flat(shown))).toBeLessThan(0.4);
    expect(new Set(flat(shown).map((probability) => probability.toFixed(3))).size).toBeGreaterThan(half);
    expect(flat(shown.slice(0, half))).toBeAllClose(flat(expected.slice(0, half)), 1e-4);
    // Chromium's decoder of JPEGs rounds otherwise than Node's.
    expect(flat(shown.slice(half))).toBeAllClose(flat(expected.slice(half)), 1e-2);
    expect(problems).toEqual([]);
  });

  test("answers the same with the model's zip, which Node made", { timeout: 120_000 }, async () => {
    const answers = () => page.locator("#answers").textContent();
    const before = await answers();
    expect(before).toMatch(/cats\d/);
    const zip = Buffer.from(await (await zipModel(model)).arrayBuffer());
    await page.locator("#zip").setInputFiles({ name: "pets.zip", mimeType: "application/zip", buffer: zip });
    await page.getByText("A model of cats, dogs.").waitFor();
    await page.locator("#pictures").setInputFiles([]);
    await page.locator("#pictures").setInputFiles(pictures);
    await page.getByText(`${pictures.length} photographs done.`).waitFor({ timeout: 60_000 });
    expect(await answers()).toBe(before);
  });

  test("answers for the other pictures if one is broken, and says which and why", { timeout: 120_000 }, async () => {
    const broken = join(folder, "broken.png");
    await writeFile(broken, (await readFile(pictures[0] as string)).subarray(0, 200));
    await page.locator("#pictures").setInputFiles([pictures[0] as string, broken, pictures[1] as string]);
    await page.getByText("2 of 3 photographs done.").waitFor({ timeout: 60_000 });
    const items = await page
      .locator("#answers li")
      .evaluateAll((all) => all.map((one) => [one.querySelectorAll("tr").length, one.textContent]));
    expect(items.map(([rows]) => rows)).toEqual([2, 0, 2]);
    expect(items[1]?.[1]).toMatch(/broken\.png|truncated|damaged|PNG/);
  });

  test("says what a person can do where the folder is no model", async () => {
    await page.locator("#folder").setInputFiles(join(folder, "photos", "valid", "cats"));
    await page.getByText("The given files are not a model: cannot read model.json").waitFor();
  });

  test("computes on all cores, because the example's server lets it, from scripts of less than 250 kB", async () => {
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    // Without those that ONNX Runtime's own script loads.
    const scripts = await page.evaluate(() =>
      (performance.getEntriesByType("resource") as PerformanceResourceTiming[]).filter(
        ({ name }) => /\.js$/.test(name) && !/\/ort/.test(name),
      ),
    );
    const bytes = scripts.reduce((sum, { decodedBodySize }) => sum + decodedBodySize, 0);
    expect(bytes).toBeGreaterThan(100_000);
    expect(bytes).toBeLessThan(250_000);
  });
});
