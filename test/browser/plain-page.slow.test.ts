// A page that Vite builds and a host serves without headers, in Chromium: it has no threads, and computes activations in several workers all the
// same. Skipped where there is no Chromium, or one core.

import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright";
import sharp from "sharp";
import { describe, expect, onTestFinished, test } from "vitest";
import type { RecipeEvent } from "../../src/index.ts";
import { COURSE, serveFilesPage } from "./files-page.ts";

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const LONG = { timeout: 900_000 };

/** What the page's script offers; evaluated in the page. */
type InPage = { learn(out: string, options: object): Promise<readonly RecipeEvent[]> };

/** Photographs of one colour each, which tells their classes apart: as many of each as an instance of the engine is worth starting for. */
function plainPictures(name: string, red: number): Promise<{ name: string; mimeType: string; buffer: Buffer }[]> {
  return Promise.all(
    Array.from({ length: 400 }, async (_, i) => {
      const background = { r: red, g: i % 256, b: Math.floor(i / 256) };
      const picture = sharp({ create: { width: 16, height: 16, channels: 3, background } });
      return { name: `${name}-${i}.png`, mimeType: "image/png", buffer: await picture.png().toBuffer() };
    }),
  );
}

describe.skipIf(!existsSync(executablePath) || availableParallelism() === 1)("a page without headers", () => {
  test("starts several instances of the engine for the activations of many photographs", LONG, async () => {
    const folder = await mkdtemp(join(tmpdir(), "thaw-plain-page-"));
    const { server, address } = await serveFilesPage(folder, {});
    const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"] });
    onTestFinished(async () => {
      await browser.close();
      await server.close();
      await rm(folder, { recursive: true });
    });
    const page = await browser.newPage();
    const [instances, warnings]: [string[], string[]] = [[], []];
    page.on("worker", (worker) => worker.url().includes("instance-worker") && instances.push(worker.url()));
    page.on("console", (message) => message.type() === "warning" && warnings.push(message.text()));
    await page.goto(address);
    await page.waitForFunction(() => document.title === "ready");
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(false);
    await page.locator("#cats").setInputFiles(await plainPictures("cat", 10));
    await page.locator("#dogs").setInputFiles(await plainPictures("dog", 240));
    const events = await page.evaluate((course) => (globalThis as unknown as InPage).learn("models/plain", course), COURSE);
    expect(events.filter(({ event }) => event === "epoch").at(-1)).toMatchObject({ accuracy: 1 });
    expect(instances.length).toBeGreaterThanOrEqual(2);
    expect(warnings.filter((warning) => warning.includes("instances of WebAssembly"))).toEqual([]);
  });
});
