// The example pages that train, built by Vite and served without any header, in Chromium: a folder through a real file input, and a webcam.
// Skipped where there is no Chromium. PAGE_SHOTS=<folder> keeps pictures of the pages.

import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright";
import { build, type PreviewServer, preview } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { drawSample, loadClassifier } from "../../src/index.ts";
import { drop } from "../fixtures/drop.ts";
import { shared } from "../shared.ts";

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const example = fileURLToPath(new URL("../../examples/browser", import.meta.url));
const LONG = { timeout: 900_000 };

describe.skipIf(!existsSync(executablePath))("pages that train", () => {
  let folder: string;
  let server: PreviewServer;
  let browser: Browser;
  let context: BrowserContext;
  const problems: string[] = [];
  const scripts = new Map<string, number>();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "thaw-train-page-"));
    await drawSample({ folder: join(folder, "animals"), count: 12 });
    const outDir = join(folder, "page");
    await build({ root: example, logLevel: "error", build: { outDir, emptyOutDir: true } });
    // Without the configuration, and so without its headers: as a static host.
    server = await preview({ root: example, configFile: false, build: { outDir }, preview: { port: 0 }, logLevel: "error" });
    const camera = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"];
    browser = await chromium.launch({
      executablePath,
      args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", ...camera],
    });
    context = await browser.newContext({ permissions: ["camera"] });
  }, LONG.timeout);
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await rm(folder, { recursive: true });
  });

  async function open(name: string): Promise<Page> {
    const page = await context.newPage();
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("response", async (response) => {
      const file = new URL(response.url()).pathname;
      // Another load of the page may be on its way.
      const body = /\.js$/.test(file) ? await response.body().catch(() => undefined) : undefined;
      if (body && !/\/ort/.test(file)) scripts.set(file, gzipSync(body).length);
    });
    await page.goto(`${server.resolvedUrls?.local[0]}${name}`);
    // The service worker loads it once more.
    await page.waitForFunction(() => crossOriginIsolated, undefined, { timeout: 60_000 });
    return page;
  }

  async function shoot(page: Page, name: string): Promise<void> {
    if (process.env.PAGE_SHOTS) await page.screenshot({ path: join(process.env.PAGE_SHOTS, `${name}.png`), fullPage: true });
  }

  test(
    "a folder that is picked is learnt, and dropped after a stop learnt to the end; the page then names the class of a photograph, and Node reads the model",
    LONG,
    async () => {
      const page = await open("index.html");
      await shoot(page, "start");
      await page.locator("#folder").setInputFiles(join(folder, "animals", "train", "cats"));
      await page.getByText("Put the images of each class into a folder of their own").waitFor(LONG);
      // The text passes quickly, so that each frame is looked at, from before it can appear.
      const checking = page.waitForFunction(
        () => /Checking images: \d+ of \d+ images/.test(document.body.textContent ?? ""),
        undefined,
        LONG,
      );
      await page.locator("#folder").setInputFiles(join(folder, "animals"));
      await checking;
      await page.getByText(/after \d+ rounds/).waitFor(LONG);
      await shoot(page, "learning");
      await page.getByRole("button", { name: "Stop" }).click();
      await page.getByText("Stopped. To go on, choose the same folder again.").waitFor(LONG);
      await drop(page, "#drop", [join(folder, "animals")]);
      await page.getByText(/^It knows cats, dogs, and is right for/).waitFor(LONG);
      const valid = join(folder, "animals", "valid");
      await page.locator("#pictures").setInputFiles([join(valid, "cats", "cat-0001.jpg"), join(valid, "dogs", "dog-0001.jpg")]);
      await page.locator("#answers li").nth(1).waitFor(LONG);
      await shoot(page, "learnt");
      const answers = await page.locator("#answers li").allTextContents();
      expect(answers).toEqual([expect.stringMatching(/^(cats|dogs), \d+(\.\d)? %$/), expect.stringMatching(/^(cats|dogs), \d+(\.\d)? %$/)]);
      const saved = page.waitForEvent("download");
      await page.getByRole("link", { name: "Download the model" }).click();
      await (await saved).saveAs(join(folder, "model.zip"));
      const model = await loadClassifier(join(folder, "model.zip"));
      expect(model.classes).toEqual(["cats", "dogs"]);
      await model.dispose();
      const kilobytes = [...scripts.values()].reduce((sum, bytes) => sum + bytes, 0) / 1000;
      process.stdout.write(`the page and its worker loaded ${kilobytes.toFixed(0)} kB of scripts, compressed\n`);
      expect(kilobytes).toBeLessThan(350);
      expect(problems).toEqual([]);
      await page.close();
    },
  );

  test.skipIf(!shared)("real photographs are learnt from a folder, and the page answers for others as Node does", LONG, async () => {
    const pets = join(folder, "pets");
    const others: string[] = [];
    for (const name of ["cats", "dogs"]) {
      const [train, valid] = ["train", "valid"].map((part) => join(shared as string, "data", "dogscats", part, name)) as [string, string];
      await mkdir(join(pets, name), { recursive: true });
      for (const file of (await readdir(train)).slice(0, 40)) await copyFile(join(train, file), join(pets, name, file));
      others.push(...(await readdir(valid)).slice(0, 10).map((file) => join(valid, file)));
    }
    const page = await open("index.html");
    await page.locator("#folder").setInputFiles(pets);
    const said = page.getByText(/^It knows cats, dogs, and is right for/);
    await said.waitFor(LONG);
    await page.locator("#pictures").setInputFiles(others);
    await page
      .locator("#answers li")
      .nth(others.length - 1)
      .waitFor(LONG);
    await shoot(page, "photographs");
    const answers = (await page.locator("#answers li").allTextContents()).map((text) => text.split(",")[0]);
    const saved = page.waitForEvent("download");
    await page.getByRole("link", { name: "Download the model" }).click();
    await (await saved).saveAs(join(folder, "pets.zip"));
    const model = await loadClassifier(join(folder, "pets.zip"));
    const expected = await Promise.all(others.map((file) => model.predict(file)));
    await model.dispose();
    // Where Node hardly prefers one of the two, the browser's other rounding of JPEGs may prefer the other.
    for (const [i, [best]] of expected.entries()) if ((best?.probability ?? 0) > 0.55) expect(answers[i], others[i]).toBe(best?.class);
    const right = answers.filter((name, i) => name === (i < 10 ? "cats" : "dogs")).length;
    process.stdout.write(`${await said.textContent()} Of 20 others ${right} are named right.\n`);
    expect(right).toBeGreaterThanOrEqual(15);
    expect(problems).toEqual([]);
    await page.close();
  });

  test("what the webcam shows is learnt, and watched", LONG, async () => {
    const page = await open("webcam.html");
    await page.waitForFunction(() => (document.querySelector("video") as HTMLVideoElement).videoWidth > 0);
    for (const name of ["first", "second"]) {
      await page.locator(`[data-class=${name}]`).hover();
      await page.mouse.down();
      await page.waitForFunction((id) => Number.parseInt(document.getElementById(id)?.textContent ?? "0", 10) >= 12, name, LONG);
      await page.mouse.up();
    }
    await page.getByRole("button", { name: "Learn" }).click();
    await page.getByText(/^Learnt; right for/).waitFor(LONG);
    await page
      .getByText(/pictures, now \d+(\.\d)? %/)
      .first()
      .waitFor(LONG);
    await shoot(page, "webcam");
    expect(problems).toEqual([]);
    await page.close();
  });
});
