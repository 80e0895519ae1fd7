// However many images there are, the cache takes the memory that it was given.

import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "./tiny.ts";

async function growth(images: number, size: number): Promise<{ resident: number; used: number; bytes: number }> {
  const folder = await temporaryFolder();
  onTestFinished(() => rm(folder, { recursive: true }));
  const script = fileURLToPath(new URL("many-rows.mjs", import.meta.url));
  const env = { ...process.env, MALLOC_ARENA_MAX: "1" };
  const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", script, folder, `${images}`, `${size}`], { env });
  return JSON.parse(stdout) as { resident: number; used: number; bytes: number };
}

test("160 MB of activations are read in any order in less than half as much memory", async () => {
  const { resident, used, bytes } = await growth(40_000, 1024);
  expect(bytes).toBe(163_840_000);
  expect(used).toBeLessThan(64e6);
  expect(resident).toBeLessThan(80e6);
});

// About a minute.
test.runIf(process.env.MANY_ROWS)("a million rows too", { timeout: 600_000 }, async () => {
  const { resident, used } = await growth(1_000_000, 64);
  expect(used).toBeLessThan(64e6);
  expect(resident).toBeLessThan(128e6);
});
