// The studio's page in Chromium, through the page alone, with an engine that has no photographs: what users do, by keys and by the mouse; what
// they see where something is wrong; and that nobody is kept out. Skipped where there is no Chromium.

import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { axeFindings } from "../fixtures/axe.ts";
import type { FakeEngine } from "../fixtures/studio/fake-engine.ts";
import { openPage } from "../fixtures/studio/open-page.ts";
import { type ServedPage, servePage } from "../fixtures/studio/serve-page.ts";

declare global {
  /** Of the page. */
  var engine: FakeEngine;
}

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const MINUTES = 60_000;
const FLOWERS = "classes=daisies,roses,sunflowers,tulips";

describe.skipIf(!existsSync(executablePath))("the studio's page", { timeout: 5 * MINUTES }, () => {
  let server: ServedPage;
  let browser: Browser;

  beforeAll(async () => {
    server = await servePage();
    const args = ["--no-sandbox", "--disable-gpu", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"];
    browser = await chromium.launch({ executablePath, args });
  }, 10 * MINUTES);
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  const open = (query: string, options?: Parameters<Browser["newContext"]>[0]) => openPage(browser, server.address, query, options);
  const tile = (page: Page, place: number) => page.locator(`[data-place="${place}"]`);
  const label = (page: Page, place: number) => tile(page, place).locator(".tile-label").textContent();
  const selected = (page: Page) => page.locator('[role="option"][aria-selected="true"]').count();

  test("labels by keys, goes on to the next photograph, and undoes and redoes", async () => {
    const page = await open(`photographs=60&${FLOWERS}`);
    await tile(page, 4).click();
    await page.keyboard.press("2");
    await expect.poll(() => label(page, 4)).toBe("roses");
    await expect.poll(() => tile(page, 5).getAttribute("aria-selected")).toBe("true");
    await page.getByText("Labelled 1 photograph roses").waitFor();
    await page.keyboard.press("Control+z");
    await expect.poll(() => label(page, 4)).toContain("daisies?");
    await page.keyboard.press("Control+y");
    await expect.poll(() => label(page, 4)).toBe("roses");
    await tile(page, 4).click();
    await page.keyboard.press("0");
    await expect.poll(() => label(page, 4)).toContain("?");
  });

  test("labels a range with a new class that is typed", async () => {
    const page = await open(`photographs=60&${FLOWERS}`);
    await tile(page, 0).click();
    await tile(page, 9).click({ modifiers: ["Shift"] });
    await tile(page, 5).click({ modifiers: ["Control"] });
    expect(await selected(page)).toBe(9);
    await page.locator(".grid").press("o");
    await page.getByRole("combobox", { name: "Class" }).fill("orchids");
    await page.keyboard.press("Enter");
    await expect.poll(() => label(page, 9)).toBe("orchids");
    expect(await label(page, 5)).not.toBe("orchids");
    await page.getByRole("button", { name: "orchids", exact: false }).first().waitFor();
    expect(await page.evaluate(() => engine.state().classes.find(({ name }) => name === "orchids")?.labelled)).toBe(9);
  });

  test("picks several by fingers: one that stays begins, taps go on", async () => {
    const page = await open(`photographs=60&${FLOWERS}`, { viewport: { width: 375, height: 740 }, hasTouch: true, isMobile: true });
    await tile(page, 1).tap();
    expect(await selected(page)).toBe(1);
    // As Chromium says that a finger stays.
    await tile(page, 2).evaluate((shown) => shown.dispatchEvent(new PointerEvent("contextmenu", { bubbles: true, pointerType: "touch" })));
    await tile(page, 3).tap();
    expect(await selected(page)).toBe(3);
    await tile(page, 1).tap();
    expect(await selected(page)).toBe(2);
    await page.getByRole("button", { name: "Skip" }).tap();
    await expect.poll(() => page.evaluate(() => engine.state().counts.skipped)).toBe(2);
  });

  test("finds a class by what is typed where there are too many for keys", async () => {
    const page = await open("photographs=300&many=100");
    await tile(page, 0).click();
    await page.keyboard.type("c");
    await page.getByRole("combobox", { name: "Class" }).fill("042");
    await page.keyboard.press("Enter");
    await expect.poll(() => label(page, 0)).toBe("class 042");
  });

  test("accepts the guesses of a whole row by one key, and of no photograph that has a label", async () => {
    const page = await open(`photographs=600&${FLOWERS}`);
    await page.getByLabel("State").selectOption("unlabelled");
    await page.getByLabel("Order").selectOption("sure");
    await tile(page, 0).waitFor();
    await expect.poll(() => label(page, 0)).toMatch(/9\d %/);
    const before = await page.evaluate(() => engine.state().counts.labelled);
    await tile(page, 0).click();
    await page.keyboard.press("Enter");
    const columns = await page.locator(".grid-row").first().locator(".tile").count();
    await expect.poll(() => page.evaluate(() => engine.state().counts.labelled)).toBe(before + columns);
    // The focus is on the next row.
    expect(await tile(page, columns).getAttribute("aria-selected")).toBe("true");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Enter");
    await page.getByText("There is no guess to accept here").waitFor();
  });

  test("skips and marks as deleted, and takes both back", async () => {
    const page = await open(`photographs=60&${FLOWERS}`);
    await tile(page, 1).click();
    await page.keyboard.press("-");
    await tile(page, 1).getByText("skipped").waitFor();
    await page.keyboard.press("Delete");
    await tile(page, 2).getByText("deleted").waitFor();
    await tile(page, 2).click();
    await page.keyboard.press("Delete");
    await expect.poll(() => tile(page, 2).getByText("deleted").count()).toBe(0);
    await page.getByLabel("State").selectOption("skipped");
    await expect.poll(() => page.getByRole("option", { name: /jpg/ }).count()).toBe(1);
  });

  test("shows one photograph large, with its marks, and labels there", async () => {
    const page = await open(`photographs=60&${FLOWERS}&marks=1`);
    await tile(page, 5).click();
    await page.keyboard.press("Space");
    const view = page.getByRole("dialog");
    await view.getByText("Rather seems to be daisies").waitFor();
    await view.getByRole("button", { name: "Label daisies" }).click();
    await expect.poll(() => page.evaluate(async () => (await engine.photographs([5]))[0]?.label)).toBe("daisies");
    await page.keyboard.press("4");
    await expect.poll(() => page.evaluate(async () => (await engine.photographs([6]))[0]?.label)).toBe("tulips");
    await page.keyboard.press("Escape");
    await expect.poll(() => page.getByRole("dialog").count()).toBe(0);
  });

  test("makes, renames, merges and removes classes", async () => {
    const page = await open(`photographs=60&${FLOWERS}`);
    const names = () => page.evaluate(() => engine.state().classes.map(({ name }) => name));
    await page.getByRole("button", { name: "+ New class" }).click();
    await page.getByLabel("Name", { exact: true }).fill("asters");
    await page.keyboard.press("Enter");
    await expect.poll(names).toContain("asters");
    await page.getByRole("button", { name: "Change asters" }).click();
    await page.getByRole("menuitem", { name: "Rename …" }).click();
    await page.getByLabel("New name").fill("lilies");
    await page.keyboard.press("Enter");
    await expect.poll(names).toEqual(["daisies", "lilies", "roses", "sunflowers", "tulips"]);
    await page.getByRole("button", { name: "Change lilies" }).click();
    await page.getByRole("menuitem", { name: "Merge into …" }).click();
    await page.getByLabel("into").selectOption("roses");
    await page.getByRole("button", { name: "Merge", exact: true }).click();
    await expect.poll(names).toEqual(["daisies", "roses", "sunflowers", "tulips"]);
    await page.getByRole("button", { name: "Change tulips" }).click();
    await page.getByRole("menuitem", { name: "Remove …" }).click();
    await page.getByRole("button", { name: "Remove", exact: true }).click();
    await expect.poll(names).toEqual(["daisies", "roses", "sunflowers"]);
    await page.getByRole("button", { name: "Undo", exact: true }).first().click();
    await expect.poll(names).toEqual(["daisies", "roses", "sunflowers", "tulips"]);
  });

  test("begins from nothing: pictures from files, from the clipboard, and from the webcam into a class", async () => {
    const page = await open("");
    const bytes = await sharp({ create: { width: 8, height: 8, channels: 3, background: "red" } })
      .png()
      .toBuffer();
    await page.getByRole("heading", { name: "Drop photographs here" }).waitFor();
    await page.getByLabel("Pictures").setInputFiles([
      { name: "one.png", mimeType: "image/png", buffer: bytes },
      { name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("no picture") },
    ]);
    await page.getByText("Added 1 photograph").waitFor();
    await page.getByText("Left out 1 file that is no picture").waitFor();
    await page.evaluate(
      ([data]) => {
        const files = new DataTransfer();
        files.items.add(new File([Uint8Array.from(data as number[])], "pasted.png", { type: "image/png" }));
        document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: files, bubbles: true }));
      },
      [[...bytes]],
    );
    await expect.poll(() => page.evaluate(() => engine.added.map(({ name }) => name))).toEqual(["one.png", "pasted.png"]);
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByRole("menuitem", { name: "From the webcam …" }).click();
    await page.getByLabel("Class", { exact: true }).fill("hands");
    await page.locator("video").evaluate(async (video: HTMLVideoElement) => {
      while (video.videoWidth === 0) await new Promise((resolve) => setTimeout(resolve, 50));
    });
    const hold = page.getByRole("button", { name: "Hold to capture" });
    await hold.focus();
    await page.keyboard.down("Space");
    await expect.poll(() => page.evaluate(() => engine.added.length)).toBeGreaterThan(4);
    await page.keyboard.up("Space");
    const shots = await page.evaluate(() =>
      engine.added.slice(2).map(({ name, class: className, bytes }) => [name, className, [...bytes.subarray(0, 3)]]),
    );
    for (const [name, className, start] of shots) {
      expect(name).toMatch(/^webcam-\d{8}T\d{6}-\d+\.jpg$/);
      expect([className, start]).toEqual(["hands", [0xff, 0xd8, 0xff]]);
    }
  });

  test("takes photographs into the class whose key is held in the webcam's dialog, and types letters in its text", async () => {
    const page = await open(`photographs=8&${FLOWERS}`);
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByRole("menuitem", { name: "From the webcam …" }).click();
    await page.locator("video").evaluate(async (video: HTMLVideoElement) => {
      while (video.videoWidth === 0) await new Promise((resolve) => setTimeout(resolve, 50));
    });
    const classes = () => page.evaluate(() => engine.added.map((picture) => picture.class));
    await page.keyboard.down("3");
    await expect.poll(async () => (await classes()).length).toBeGreaterThan(1);
    await page.keyboard.up("3");
    await page.keyboard.down("Space");
    const before = (await classes()).length;
    await expect.poll(async () => (await classes()).length).toBeGreaterThan(before + 1);
    await page.keyboard.up("Space");
    expect(new Set(await classes())).toEqual(new Set(["sunflowers"]));
    await page.getByRole("button", { name: /Hold to capture/ }).waitFor();
    const after = (await classes()).length;
    await page.getByLabel("Class", { exact: true }).fill("");
    await page.getByLabel("Class", { exact: true }).pressSequentially("1 new");
    await page.waitForTimeout(500);
    expect([await page.getByLabel("Class", { exact: true }).inputValue(), (await classes()).length]).toEqual(["1 new", after]);
  });

  test("takes a folder that is picked, with its folders as classes", async () => {
    const page = await open("");
    const folder = await mkdtemp(join(tmpdir(), "thaw-picked-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const picture = sharp({ create: { width: 8, height: 8, channels: 3, background: "red" } }).png();
    for (const name of ["roses", "tulips"]) {
      await mkdir(join(folder, name));
      await picture.toFile(join(folder, name, "1.png"));
    }
    await page.getByLabel("Folder of photographs").setInputFiles(folder);
    await page.getByText("Added 2 photographs").waitFor();
    expect(await page.evaluate(() => engine.state().classes.map(({ name, labelled }) => [name, labelled]))).toEqual([
      ["roses", 1],
      ["tulips", 1],
    ]);
  });

  test("says what sorting files would do before it does it, and takes labels from a table", async () => {
    const page = await open(`photographs=60&${FLOWERS}`);
    await page.getByRole("button", { name: "More", exact: true }).click();
    await page.getByRole("menuitem", { name: "Sort files into folders …" }).click();
    await page.getByText("480 files into /home/someone/flowers-sorted. Nothing is done yet.").waitFor();
    await page.getByLabel("Move them").check();
    await page.getByRole("button", { name: "Move 480 files" }).click();
    await page.getByText("Moved 480 files").waitFor();
    await page
      .getByLabel("Table of labels")
      .setInputFiles({ name: "l.csv", mimeType: "text/csv", buffer: Buffer.from("image,label\na,b\nc,d\n") });
    await page.getByText("Labelled 2 photographs from the table").waitFor();
    await page.getByText("1 name in the table is no photograph's: lost/1.jpg").waitFor();
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "More", exact: true }).click();
    await page.getByRole("menuitem", { name: "Labels to a table" }).click();
    expect((await download).suggestedFilename()).toBe("labels.csv");
  });

  test("trains for the time that is asked for, shows its stages, stops, goes on, and opens the results", async () => {
    const page = await open(`photographs=600&${FLOWERS}&pace=15#train`);
    await page.getByRole("slider").fill("11");
    await page.getByText("as long as it takes").first().waitFor();
    await page.getByText("Choices all made by thaw").click();
    await page.getByLabel("batch size").fill("many");
    await page.getByRole("button", { name: "Train", exact: true }).click();
    await page.getByText('Expected a whole number of at least 2 for batch size but received "many"').waitFor();
    await page.getByLabel("batch size").fill("32");
    await page.getByRole("button", { name: "Train", exact: true }).click();
    await page.getByRole("heading", { name: "precompute" }).waitFor();
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByText("stopped,").waitFor();
    await page.getByRole("button", { name: "Resume" }).click();
    await page.getByRole("button", { name: "See the results" }).waitFor();
    await page.getByText(", not kept").waitFor();
    await page.getByRole("img", { name: "Validation accuracy" }).waitFor();
    await page.getByRole("button", { name: "See the results" }).click();
    await page.getByRole("heading", { name: "Confusion matrix" }).waitFor();
  });

  test("opens the photographs of a cell of the confusion matrix, and relabels where doubts are", async () => {
    const page = await open(`photographs=1200&${FLOWERS}&runs=1#results`);
    await page.getByRole("button", { name: "daisies predicted as roses: 9" }).click();
    await page.getByText("daisies predicted as roses 9 photographs").waitFor();
    // Names come with the rows.
    await expect.poll(() => page.getByRole("option", { name: /jpg/ }).count()).toBe(9);
    await page.getByRole("button", { name: "Show all" }).click();
    await expect.poll(() => tile(page, 20).count()).toBe(1);
    await page.goBack();
    const first = page.locator("#doubts + p ~ ul .finding").first();
    const suggested = (await first.locator("strong").textContent()) ?? "";
    await first.getByRole("button").click();
    await expect.poll(() => first.getByRole("combobox").inputValue()).toBe(suggested);
    await page.getByText(`Labelled 1 photograph ${suggested}`).waitFor();
  });

  test("compares, renames and deletes runs", async () => {
    const page = await open(`photographs=600&${FLOWERS}&runs=2#results`);
    await page.getByLabel("Compare June 1, 09:30").check();
    await page.getByLabel("Compare June 2, 09:30").check();
    await page.getByText("± 0.2 % over 2 seeds").waitFor();
    await page.getByRole("button", { name: "Change June 1, 09:30" }).click();
    await page.getByRole("menuitem", { name: "Rename …" }).click();
    await page.getByLabel("Name", { exact: true }).fill("first try");
    await page.keyboard.press("Enter");
    await page.getByLabel("Compare first try").waitFor();
    await page.getByRole("button", { name: "Change first try" }).click();
    await page.getByRole("menuitem", { name: "Delete …" }).click();
    await page.getByRole("button", { name: "Delete", exact: true }).click();
    await expect.poll(() => page.evaluate(() => engine.state().runs.map(({ name }) => name))).toEqual(["June 2, 09:30"]);
  });

  test("tries pictures, answers live from the webcam, and hands out the model", async () => {
    const page = await open(`photographs=60&${FLOWERS}&runs=1#try`);
    const bytes = await sharp({ create: { width: 8, height: 8, channels: 3, background: "red" } })
      .png()
      .toBuffer();
    await page.getByLabel("Picture to try").setInputFiles({ name: "red.png", mimeType: "image/png", buffer: bytes });
    await page.locator(".first-answer").getByText("daisies").waitFor();
    await page.getByRole("button", { name: "Webcam" }).click();
    await page.locator("video").waitFor();
    await page.locator(".first-answer").getByText("daisies").waitFor();
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "ONNX" }).click();
    expect((await download).suggestedFilename()).toBe("flowers.onnx");
  });

  test("says what went wrong, and its cure, and goes on", async () => {
    const page = await open(`photographs=60&${FLOWERS}&runs=1&failing=act,results,picture`);
    await tile(page, 0).getByText("cannot be shown").waitFor();
    await tile(page, 0).click();
    await page.keyboard.press("1");
    await page.getByRole("alert").filter({ hasText: "The fake engine cannot act" }).getByText("Ask another engine.").waitFor();
    await page.getByRole("link", { name: "Results" }).click();
    await page.getByText("The fake engine cannot results").waitFor();
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByText("The fake engine cannot results").waitFor();
  });

  test("draws only what is in sight of 100,000 photographs, and keeps the keyboard's place", async () => {
    const page = await open(`photographs=100000&${FLOWERS}&served=1`);
    await tile(page, 0).click();
    const tiles = () => page.locator(".tile").count();
    expect(await tiles()).toBeLessThan(120);
    await page.keyboard.press("End");
    await tile(page, 99_999).waitFor();
    expect(await tiles()).toBeLessThan(120);
    expect(await page.locator(".grid").getAttribute("aria-activedescendant")).toBe("photo-99999");
    expect(await tile(page, 99_999).getAttribute("aria-posinset")).toBe("100000");
    await page.keyboard.press("Home");
    await tile(page, 0).waitFor();
  });

  test("moves nothing while it loads, labels and filters", async () => {
    const page = await open(`photographs=600&${FLOWERS}`);
    await page.evaluate(() => {
      Object.assign(globalThis, { shifts: [] });
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries())
          (globalThis as unknown as { shifts: number[] }).shifts.push((entry as unknown as { value: number }).value);
      }).observe({ type: "layout-shift", buffered: true });
    });
    await tile(page, 0).click();
    for (const key of ["1", "2", "-", "Enter"]) await page.keyboard.press(key);
    await page.getByLabel("State").selectOption("unlabelled");
    await page.getByLabel("Order").selectOption("uncertain");
    await tile(page, 0).waitFor();
    const shifts = await page.evaluate(() => (globalThis as unknown as { shifts: number[] }).shifts);
    expect(shifts.reduce((a, b) => a + b, 0)).toBeLessThan(0.01);
  });

  describe.each([
    ["1280 pixels, light", { viewport: { width: 1280, height: 800 }, colorScheme: "light" }],
    ["375 pixels, dark", { viewport: { width: 375, height: 740 }, colorScheme: "dark" }],
  ] as const)("at %s", (_, options) => {
    test.each([
      ["nothing yet", "", ".empty-drop"],
      ["photographs", `photographs=120&${FLOWERS}&marks=1`, '[data-place="3"] img'],
      ["training", `photographs=120&${FLOWERS}&runs=1#train`, '.charts [role="img"]'],
      ["results", `photographs=1200&${FLOWERS}&runs=2#results`, ".finding-picture img"],
      ["trying", `photographs=120&${FLOWERS}&runs=1#try`, ".drop-place"],
    ])("axe finds nothing about %s", async (_, query, drawn) => {
      const page = await open(query, { ...options, reducedMotion: "reduce", bypassCSP: true });
      await page.locator(drawn).first().waitFor();
      expect(await axeFindings(page)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    });
  });
});
