// `thaw train --device webgpu` through the built command, on the device that vitest.config.ts names: a GPU, or a software driver.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, inject, onTestFinished, test } from "vitest";
import { thaw } from "./command.ts";

const patient = { timeout: 600_000 };

describe.skipIf(inject("device") === undefined)("thaw train --device webgpu", patient, () => {
  test("learns as on the processor, and leaves a model that the processor reads", () => {
    const folder = mkdtempSync(join(tmpdir(), "thaw-webgpu-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const photos = join(folder, "photos");
    expect(thaw("sample", photos, "--count", "12").status).toBe(0);
    const trained = (device: string) => {
      const course = ["--stages", "precompute", "--epochs", "2", "--lr", "0.01", "--size", "32", "--bs", "8", "--precision", "fp32"];
      const out = join(folder, device);
      const { status, stdout, stderr } = thaw("train", photos, "--device", device, "--out", out, "--offline", "--json", ...course);
      expect(status, stderr).toBe(0);
      const events = stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
      return events.filter(({ event }) => event === "epoch").flatMap(({ trainLoss, validLoss }) => [trainLoss, validLoss]);
    };
    const losses = trained("webgpu");
    expect(losses).toHaveLength(4);
    expect(losses).toBeAllClose(trained("cpu"), 1e-3);
    const { status, stdout } = thaw("predict", join(folder, "webgpu"), join(photos, "valid", "cats"));
    expect(status).toBe(0);
    expect(stdout).toMatch(/cats/);
  });
});
