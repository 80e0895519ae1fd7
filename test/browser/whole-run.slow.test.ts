// Runs of the recipe in a page of Chromium, from a folder in a file input: all stages, two tabs at once, and a storage that is full. Skipped where
// there is no Chromium.

import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright";
import type { PreviewServer } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { drawSample, loadClassifier, type RecipeEvent } from "../../src/index.ts";
import { thaw } from "../cli/command.ts";
import { COURSE, ISOLATING, serveFilesPage, weightsIn } from "./files-page.ts";

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const LONG = { timeout: 900_000 };

/** What the page's script offers; evaluated in the page. */
type InPage = {
  learn(out: string, options: object): Promise<readonly RecipeEvent[]>;
  answers(out: string): Promise<readonly number[]>;
  zipped(out: string): Promise<string>;
};

describe.skipIf(!existsSync(executablePath))("a page", () => {
  let [folder, address] = ["", ""];
  let server: PreviewServer;
  let browser: Browser;
  let context: BrowserContext;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "thaw-whole-run-"));
    await drawSample({ folder: join(folder, "animals"), count: 12 });
    ({ server, address } = await serveFilesPage(folder, ISOLATING));
    browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"] });
    context = await browser.newContext();
  }, LONG.timeout);
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await rm(folder, { recursive: true });
  });

  /** A tab with the page, in which the folder is picked. */
  async function openTab(): Promise<Page> {
    const page = await context.newPage();
    await page.goto(address);
    await page.waitForFunction(() => document.title === "ready");
    await page.locator("#folder").setInputFiles(join(folder, "animals"));
    return page;
  }

  const learn = (page: Page, out: string, options: object) =>
    page.evaluate(([out, options]) => (globalThis as unknown as InPage).learn(out, options), [out, options] as const);
  const answers = (page: Page, out: string) => page.evaluate((out) => (globalThis as unknown as InPage).answers(out), out);
  const zipped = async (page: Page, out: string) =>
    Buffer.from(await page.evaluate((out) => (globalThis as unknown as InPage).zipped(out), out), "base64");

  test("goes through all stages of the recipe; loaded again it has the model, which Node and its command read", LONG, async () => {
    const page = await openTab();
    const events = await learn(page, "models/whole", { size: 64, bs: 8, seed: 7, epochs: [2, 1, 1], tta: 2 });
    const of = <Kind extends RecipeEvent["event"]>(kind: Kind) =>
      events.filter((event): event is Extract<RecipeEvent, { event: Kind }> => event.event === kind);
    expect(of("stageEnd").map(({ name }) => name)).toEqual(["precompute", "augment", "unfreeze", "tta"]);
    expect(of("lr").map(({ stage }) => stage)).toEqual(["precompute", "augment", "unfreeze"]);
    expect(of("epoch")).toHaveLength(4);
    const valid = join(folder, "animals", "valid");
    const others = [join(valid, "cats", "cat-0001.jpg"), join(valid, "dogs", "dog-0001.jpg")];
    await page.reload();
    await page.waitForFunction(() => document.title === "ready");
    await page.locator("#others").setInputFiles(others);
    const answered = await answers(page, "models/whole");
    const zip = join(folder, "whole.zip");
    await writeFile(zip, await zipped(page, "models/whole"));
    const model = await loadClassifier(zip);
    const expected = await Promise.all(
      others.map(async (file) => (await model.predict(file)).find((row) => row.class === "cats")!.probability),
    );
    await model.dispose();
    // JPEGs, which browsers round otherwise.
    expect(answered).toBeAllClose(expected, 2e-2);
    expect(answered[0]).toBeGreaterThan(answered[1]!);
    const { status, stdout } = thaw("predict", zip, join(valid, "cats"), "--json");
    expect(status).toBe(0);
    expect(stdout.trim().split("\n")).toHaveLength((await readdir(join(valid, "cats"))).length);
    await page.close();
  });

  test("and another tab learn at once, with the same cache, to the same bits", LONG, async () => {
    const tabs = [await openTab(), await openTab()];
    const names = ["models/first", "models/second"];
    // Of a size that is not cached yet.
    const runs = await Promise.all(tabs.map((page, i) => learn(page, names[i]!, { ...COURSE, size: 48 })));
    const losses = runs.map((events) => events.flatMap((event) => (event.event === "epoch" ? [event.trainLoss, event.validLoss] : [])));
    expect(losses[0]).toHaveLength(2 * COURSE.epochs[0]);
    expect(losses[0]).toEqual(losses[1]);
    const [first, second] = await Promise.all(tabs.map((page, i) => zipped(page, names[i]!)));
    expect(first!.length).toBeGreaterThan(1_000_000);
    await Promise.all(tabs.map((page) => page.close()));
    expect(weightsIn(first!).equals(weightsIn(second!))).toBe(true);
  });

  test("says so where its storage is full, keeps the models that it has, and goes on when there is room", LONG, async () => {
    const page = await openTab();
    await page.locator("#others").setInputFiles(join(folder, "animals", "valid", "cats", "cat-0001.jpg"));
    await learn(page, "models/old", COURSE);
    const before = await answers(page, "models/old");
    const session = await context.newCDPSession(page);
    const { usage = 0 } = await page.evaluate(() => navigator.storage.estimate());
    const { origin } = new URL(address);
    await session.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: usage + 1_000_000 });
    // Chromium remembers for 30 seconds how much room there was.
    await page.waitForTimeout(31_000);
    const failure = await learn(page, "models/new", { ...COURSE, force: true }).catch((error: Error) => error);
    expect(failure).toBeInstanceOf(Error);
    expect((failure as Error).message).toContain("the browser's storage for this page is full");
    expect(await answers(page, "models/old")).toEqual(before);
    await session.send("Storage.overrideQuotaForOrigin", { origin });
    const events = await learn(page, "models/new", { ...COURSE, resume: true });
    expect(events.at(-1)).toMatchObject({ event: "done", model: "models/new" });
    expect(await answers(page, "models/new")).toEqual(before);
    await page.close();
  });
});
