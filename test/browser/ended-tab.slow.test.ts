// A run in a page of Chromium that ends with its tab, or with the graphics processor, and goes on. A software driver stands in for a GPU, and the
// page is served without the headers that would give it threads. Skipped where there is no Chromium.

import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright";
import type { PreviewServer } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { drawSample, type RecipeEvent } from "../../src/index.ts";
import { COURSE, serveFilesPage, weightsIn } from "./files-page.ts";

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const LONG = { timeout: 900_000 };

type Events = readonly RecipeEvent[];
/** What the page's script offers; evaluated in the page. */
type InPage = { heard?: Events; learn(out: string, options: object): Promise<Events>; zipped(out: string): Promise<string> };

describe.skipIf(!existsSync(executablePath))("a run in a page", () => {
  let folder: string;
  let address: string;
  let server: PreviewServer;
  let browser: Browser;
  let context: BrowserContext;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "thaw-ended-tab-"));
    await drawSample({ folder: join(folder, "animals"), count: 8 });
    ({ server, address } = await serveFilesPage(folder, {}));
    const device = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];
    browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-background-networking", ...device] });
    context = await browser.newContext();
  }, LONG.timeout);
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await rm(folder, { recursive: true });
  });

  /** A tab with the page, in which the photographs are picked. */
  async function openTab(): Promise<Page> {
    const page = await context.newPage();
    await page.goto(address);
    await page.waitForFunction(() => document.title === "ready");
    for (const name of ["cats", "dogs"]) {
      const source = join(folder, "animals", "train", name);
      await page.locator(`#${name}`).setInputFiles((await readdir(source)).map((file) => join(source, file)));
    }
    return page;
  }

  function learn(page: Page, out: string, more: object = {}): Promise<Events> {
    return page.evaluate(([out, course]) => (globalThis as unknown as InPage).learn(out, course), [out, { ...COURSE, ...more }] as const);
  }

  /** The error that a run ends with. */
  function failureOf(page: Page, out: string, more: object): Promise<object> {
    const told = (page: InPage, [out, course]: readonly [string, object]) =>
      page.learn(out, course).then(
        () => ({ name: "none" }),
        ({ name, message, hint }) => ({ name, message, hint }),
      );
    return page.evaluate(`(${told})(globalThis, ${JSON.stringify([out, { ...COURSE, ...more }])})`);
  }

  /** The first `count` epochs of the run that is under way, once they have ended. */
  async function epochsHeard(page: Page, count: number): Promise<Events> {
    const found = await page.waitForFunction(
      (count) => {
        const epochs = (globalThis as unknown as InPage).heard?.filter(({ event }) => event === "epoch") ?? [];
        return epochs.length >= count && epochs;
      },
      count,
      LONG,
    );
    return (await found.jsonValue()) as Events;
  }

  const epochsOf = (events: Events) =>
    events.flatMap((event) => (event.event === "epoch" ? [[event.epoch, event.trainLoss, event.validLoss]] : []));

  async function weightsOf(page: Page, out: string): Promise<Buffer> {
    return weightsIn(Buffer.from(await page.evaluate((out) => (globalThis as unknown as InPage).zipped(out), out), "base64"));
  }

  test("in a tab that is killed goes on in another to the same bits, without threads, which is said once", LONG, async () => {
    const killed = await openTab();
    expect(await killed.evaluate(() => crossOriginIsolated)).toBe(false);
    const course = { epochs: [30] };
    const whole = await learn(killed, "models/whole", course);
    const warnings = whole.flatMap((event) => (event.event === "warning" ? [event.message] : []));
    expect(warnings.filter((message) => message.includes("cross-origin isolated"))).toHaveLength(1);
    const ended = killed.waitForEvent("crash", LONG);
    const session = await context.newCDPSession(killed);
    // Neither is answered, because the process of the tab ends.
    learn(killed, "models/killed", { ...course, checkpointSeconds: 0 }).catch(() => undefined);
    await epochsHeard(killed, 2);
    session.send("Page.crash").catch(() => undefined);
    await ended;
    const next = await openTab();
    const events = await learn(next, "models/killed", { ...course, resume: true });
    expect(events.some(({ event }) => event === "resumed")).toBe(true);
    expect(epochsOf(events)).toEqual(epochsOf(whole));
    expect(epochsOf(events)).toHaveLength(30);
    expect((await weightsOf(next, "models/killed")).equals(await weightsOf(next, "models/whole"))).toBe(true);
    await next.close();
  });

  test('takes the faster device if it is left to measure, and says so ("auto")', LONG, async () => {
    const page = await openTab();
    const events = await learn(page, "models/auto", { device: "auto", epochs: [1], report: false });
    const choice = events.find((event) => event.event === "device");
    expect(choice?.measured.map(({ device }) => device)).toEqual(["wasm", "webgpu"]);
    const [wasm, webgpu] = choice!.measured.map(({ milliseconds }) => milliseconds) as [number, number];
    expect(Math.min(wasm, webgpu)).toBeGreaterThan(0);
    expect(choice?.device).toBe(webgpu < wasm ? "webgpu" : "wasm");
    await page.close();
  });

  test(
    "that loses the graphics processor ends in an error that says so, all is kept, and the same page goes on with it",
    LONG,
    async () => {
      const page = await openTab();
      const course = { device: "webgpu", epochs: [10], report: false };
      const session = await browser.newBrowserCDPSession();
      const broken = failureOf(page, "models/lost", { ...course, checkpointSeconds: 0 });
      // What the first came to is stored before the second begins.
      const [first] = await epochsHeard(page, 2);
      // Its process ends before it can answer.
      session.send("Browser.crashGpuProcess").catch(() => undefined);
      expect(await broken).toEqual({
        name: "UsageError",
        message: expect.stringMatching(/^The graphics processor was lost/),
        hint: expect.stringContaining("reload the page, and resume"),
      });
      const events = await learn(page, "models/lost", { ...course, resume: true });
      expect(events.some(({ event }) => event === "resumed")).toBe(true);
      const epochs = events.filter(({ event }) => event === "epoch");
      expect(epochs).toHaveLength(10);
      // With the seconds that it took: it was not computed again.
      expect(epochs[0]).toEqual({ ...first, resumed: true });
      expect(events.at(-1)).toMatchObject({ event: "done", model: "models/lost" });
      await page.close();
    },
  );
});
