// What decoding takes must be given back while images are loaded, not when the workers idle: a training run never lets them.

import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import sharp from "sharp";
import { expect, onTestFinished, test } from "vitest";

test("twelve rounds through photographs keep less than the pixels of two", async () => {
  const folder = await mkdtemp(join(tmpdir(), "thaw-memory-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const [width, height] = [1200, 900];
  const jpeg = await sharp({ create: { width, height, channels: 3, background: "#7a5" } })
    .jpeg()
    .toBuffer();
  for (let i = 0; i < 16; i++) await writeFile(join(folder, `${i}.jpg`), jpeg);
  const script = fileURLToPath(new URL("memory.mjs", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", script, folder, `${width}`, `${height}`]);
  const [early, late, round] = JSON.parse(stdout) as [number, number, number];
  expect((late - early) / round).toBeLessThan(2);
}, 120_000);
