// The studio as its users have it: `thaw studio` in a process of its own, and Chromium, through the page alone. Skipped where there is no
// Chromium.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { unzipSync } from "fflate";
import { type Browser, chromium, type Page } from "playwright";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { drawSample } from "../../src/index.ts";
import { drop } from "../fixtures/drop.ts";

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const command = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const MINUTES = 60_000;

describe.skipIf(!existsSync(executablePath))("thaw studio", () => {
  let browser: Browser;
  let place: string;

  beforeAll(async () => {
    const args = ["--no-sandbox", "--disable-gpu", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"];
    browser = await chromium.launch({ executablePath, args });
  });
  afterAll(() => browser?.close());
  beforeEach(async () => {
    place = await mkdtemp(join(tmpdir(), "thaw-studio-whole-"));
    // What a studio that was killed had begun, its own processes end in their time.
    return () => rm(place, { recursive: true, maxRetries: 20, retryDelay: 500 });
  });

  /** Starts the studio of `folder`, whose address is printed. */
  async function start(folder: string): Promise<{ readonly url: string; readonly studio: ChildProcess }> {
    const args = [command, "studio", folder, "--no-open", "--json", "--offline", "--cache", join(place, "cache")];
    const studio = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"], cwd: place });
    onTestFinished(() => end(studio, "SIGKILL"));
    for await (const line of createInterface(studio.stdout)) {
      const said = JSON.parse(line);
      if (said.event === "listening") return { url: said.url, studio };
    }
    throw new Error("The studio has ended");
  }

  async function end(studio: ChildProcess, signal: NodeJS.Signals): Promise<void> {
    if (studio.exitCode !== null || studio.signalCode !== null) return;
    const ended = new Promise((resolve) => studio.once("exit", resolve));
    studio.kill(signal);
    await ended;
  }

  /** A page of a browser that has been nowhere. It fails the test where something on it is broken, not where the studio is gone. */
  async function open(url: string): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, permissions: ["camera"], acceptDownloads: true });
    const page = await context.newPage();
    page.setDefaultTimeout(3 * MINUTES);
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("console", (message) => {
      if (/Content Security Policy|Refused to/.test(message.text())) problems.push(message.text());
    });
    onTestFinished(async () => {
      await context.close();
      expect(problems).toEqual([]);
    });
    await page.goto(url);
    return page;
  }

  /** Trains for a minute at most, on what there is. */
  async function train(page: Page): Promise<void> {
    await page.getByRole("link", { name: "Train" }).click();
    await page.getByRole("slider").fill("0");
    await page.getByRole("button", { name: "Train", exact: true }).click();
  }

  test("from a folder of photographs to an exported model, with the studio killed while it trained", {
    timeout: 30 * MINUTES,
  }, async () => {
    const [drawn, folder] = [join(place, "drawn"), join(place, "pets")];
    await drawSample({ folder: drawn, count: 30, seed: 5 });
    // Six of each kind are sorted, the others lie in a heap.
    for (const kind of ["cats", "dogs"]) {
      await mkdir(join(folder, kind), { recursive: true });
      for (const [i, name] of (await readdir(join(drawn, "train", kind))).entries())
        await rename(join(drawn, "train", kind, name), join(folder, i < 6 ? kind : "", name));
    }
    const first = await start(folder);
    const page = await open(first.url);
    await page.getByText("Guesses are right for").waitFor();
    // The token is in the address no more, and the heap is guessed: what is in it is accepted at once.
    expect(page.url()).not.toContain("token");
    await page.getByLabel("State").selectOption("unlabelled");
    await page.locator(".selected-count").getByText("48 photographs").waitFor();
    await page.locator('[data-place="0"] .guess').waitFor();
    await page.locator(".grid").press("Control+a");
    await page.locator(".selected-count").getByText("48 selected").waitFor();
    await page.getByText("Guesses are right for").waitFor();
    await page.locator(".grid").press("Enter");
    await page.getByText("Accepted 48 guesses").waitFor();
    await train(page);
    await page.getByRole("heading", { name: "precompute" }).waitFor();
    await end(first.studio, "SIGKILL");
    await page.getByRole("alert").getByText("The connection to the studio is lost").waitFor();

    const second = await start(folder);
    const again = await open(second.url);
    await again.getByRole("link", { name: "Train" }).click();
    const [resume, results] = ["Resume", "See the results"].map((name) => again.getByRole("button", { name })) as [
      ReturnType<Page["getByRole"]>,
      ReturnType<Page["getByRole"]>,
    ];
    // Its process may have come to the end of the run by itself.
    await resume.or(results).waitFor();
    if (await resume.isVisible()) await resume.click();
    await results.waitFor({ timeout: 15 * MINUTES });
    await results.click();
    await again.getByRole("button", { name: /cats predicted as cats: \d+/ }).waitFor();
    await again.locator(".finding-picture img").first().waitFor();
    await again.getByRole("button", { name: "Try it" }).click();
    const tried = (await readdir(join(drawn, "valid/dogs")))[0] as string;
    await again.getByLabel("Picture to try").setInputFiles(join(drawn, "valid/dogs", tried));
    await again
      .locator(".first-answer")
      .getByText(/cats|dogs/)
      .waitFor();
    const exported = again.waitForEvent("download");
    await again.getByRole("button", { name: "Model folder" }).click();
    const files = unzipSync(await readFile(await (await exported).path()));
    expect(Object.keys(files).map((name) => name.split("/").at(-1))).toContain("model.json");
    // The labels are still there, and no photograph was touched.
    await again.getByRole("link", { name: "Photos" }).click();
    await again.getByText("60 photographs").first().waitFor();
    expect((await readdir(folder)).filter((name) => name.endsWith(".jpg"))).toHaveLength(48);
    await end(second.studio, "SIGINT");
    expect(second.studio.exitCode).toBe(0);
  });

  test("a folder that is dropped on the page is copied, with its classes", { timeout: 10 * MINUTES }, async () => {
    const [drawn, folder] = [join(place, "drawn"), join(place, "photographs")];
    await drawSample({ folder: drawn, count: 6, seed: 5 });
    const { url } = await start(folder);
    const page = await open(url);
    await drop(page, ".empty-drop", [join(drawn, "train")]);
    await page.getByText("Added 12 photographs").waitFor();
    await page.getByText("12 photographs").first().waitFor();
    for (const kind of ["cats", "dogs"])
      expect((await readdir(join(folder, kind))).sort()).toEqual((await readdir(join(drawn, "train", kind))).sort());
  });

  test("from an empty folder, by webcam, to answers of a trained model", { timeout: 30 * MINUTES }, async () => {
    const { url } = await start(join(place, "photographs"));
    const page = await open(url);
    await page.getByRole("button", { name: "Use the webcam" }).click();
    for (const name of ["hands", "faces"]) {
      if (name === "faces") {
        await page.getByRole("button", { name: "Add", exact: true }).click();
        await page.getByRole("menuitem", { name: "From the webcam …" }).click();
      }
      await page.getByLabel("Class", { exact: true }).fill(name);
      const hold = page.getByRole("button", { name: /Hold to capture|Capturing/ });
      await page.locator("video").evaluate(async (video: HTMLVideoElement) => {
        while (video.videoWidth === 0) await new Promise((resolve) => setTimeout(resolve, 50));
      });
      await hold.dispatchEvent("keydown", { key: " " });
      await expect
        .poll(async () => Number.parseInt((await page.locator(".capture p").textContent()) ?? "0", 10), { timeout: 3 * MINUTES })
        .toBeGreaterThan(11);
      await hold.dispatchEvent("keyup", { key: " " });
      await page.keyboard.press("Escape");
    }
    await page.getByRole("button", { name: /hands/ }).first().waitFor();
    // The last ones may still be being written, under temporary names.
    for (const name of ["hands", "faces"])
      await expect
        .poll(async () => (await readdir(join(place, "photographs", name))).filter((file) => !/^webcam-.*\.jpg$/.test(file)))
        .toEqual([]);
    await train(page);
    await page.getByRole("button", { name: "See the results" }).waitFor({ timeout: 15 * MINUTES });
    await page.getByRole("link", { name: "Try" }).click();
    await page.getByRole("button", { name: "Webcam" }).click();
    await page
      .locator(".first-answer")
      .getByText(/hands|faces|none of them/)
      .waitFor();
  });
});
