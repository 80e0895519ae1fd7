// What decoding takes must be given back while images are loaded, not when the workers idle: a training run never lets them.

import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import sharp from "sharp";
import { expect, onTestFinished, test } from "vitest";

const [width, height] = [1200, 900];

/** A folder with `count` photographs of that size. */
async function photographs(count: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "thaw-memory-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const jpeg = await sharp({ create: { width, height, channels: 3, background: "#7a5" } })
    .jpeg()
    .toBuffer();
  for (let i = 0; i < count; i++) await writeFile(join(folder, `${i}.jpg`), jpeg);
  return folder;
}

async function printed(script: string, ...args: readonly string[]): Promise<unknown> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  return JSON.parse((await promisify(execFile)(process.execPath, ["--expose-gc", path, ...args])).stdout);
}

test("twelve rounds through photographs keep less than the pixels of two", async () => {
  const [early, late, round] = (await printed("memory.mjs", await photographs(16), `${width}`, `${height}`)) as [number, number, number];
  expect((late - early) / round).toBeLessThan(2);
}, 120_000);

test("a check of 600 photographs never holds the pixels of 60", async () => {
  const [grown] = (await printed("scan-memory.mjs", join(await photographs(1), "0.jpg"), "600")) as [number];
  expect(grown / (width * height * 3)).toBeLessThan(60);
}, 120_000);

test("nor one that keeps the pixels of them all", async () => {
  const [grown, kept] = (await printed("scan-memory.mjs", join(await photographs(1), "0.jpg"), "600", "600")) as [number, number];
  expect(kept).toBe(600);
  expect(grown / (width * height * 3)).toBeLessThan(60);
}, 120_000);
