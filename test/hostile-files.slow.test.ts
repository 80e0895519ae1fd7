// Hundreds of files that a person with bad intentions would write, and those that once broke a parser: each is read or refused with a sentence.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { thaw } from "./cli/command.ts";

test("no parser breaks, takes long or fills the memory", { timeout: 600_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "thaw-hostile-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [photos, model] = [join(folder, "photos"), join(folder, "model")];
  expect(thaw("sample", photos, "--count", "2").status).toBe(0);
  const fast = ["--stages", "precompute", "--epochs", "1", "--lr", "0.01", "--size", "32", "--tta", "0"];
  expect(thaw("train", photos, "--out", model, ...fast).status).toBe(0);
  const replay = fileURLToPath(new URL("../attack/fuzz/replay.mjs", import.meta.url));
  const { stdout } = spawnSync(process.execPath, ["--max-old-space-size=1024", replay, model], { encoding: "utf8", maxBuffer: 2 ** 28 });
  const { count, broken, memory } = JSON.parse(stdout);
  expect(broken).toEqual([]);
  expect(count).toBeGreaterThan(800);
  expect(memory).toBeLessThan(1.5e9);
});
