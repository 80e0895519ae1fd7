// `thaw train --device webgpu` through the built command, on the device that vitest.config.ts names: a GPU, or a software driver.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, inject, onTestFinished, test } from "vitest";
import { onnxPath } from "../fixtures/onnx-models.ts";
import { thaw } from "./command.ts";

const patient = { timeout: 600_000 };

/** A folder that the test may fill, with a few drawn photographs in it. */
function withPhotographs(): { readonly folder: string; readonly photos: string } {
  const folder = mkdtempSync(join(tmpdir(), "thaw-webgpu-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const photos = join(folder, "photos");
  expect(thaw("sample", photos, "--count", "12").status).toBe(0);
  return { folder, photos };
}

/** The events of a run on `device`, which leaves its model in `folder`. */
function trained(device: string, { folder, photos }: ReturnType<typeof withPhotographs>, ...course: readonly string[]) {
  const given = ["--device", device, "--out", join(folder, device), "--cache", join(folder, `${device}-cache`)];
  const { status, stdout, stderr } = thaw("train", photos, ...given, "--offline", "--json", "--bs", "8", "--precision", "fp32", ...course);
  expect(status, stderr).toBe(0);
  const events = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const losses: number[] = events.filter(({ event }) => event === "epoch").flatMap(({ trainLoss, validLoss }) => [trainLoss, validLoss]);
  return { losses, done: events.at(-1) };
}

describe.skipIf(inject("device") === undefined)("thaw train --device webgpu", patient, () => {
  test("learns as on the processor, and leaves a model that the processor reads", () => {
    const places = withPhotographs();
    const course = ["--stages", "precompute", "--epochs", "2", "--lr", "0.01", "--size", "32"];
    const { losses } = trained("webgpu", places, ...course);
    expect(losses).toHaveLength(4);
    expect(losses).toBeAllClose(trained("cpu", places, ...course).losses, 1e-3);
    const { status, stdout } = thaw("predict", join(places.folder, "webgpu"), join(places.photos, "valid", "cats"));
    expect(status).toBe(0);
    expect(stdout).toMatch(/cats/);
  });

  // A software driver takes half a minute for a step of thaw_small's layers, so a small network of convolutions, batch norm and a sum has all stages.
  test("runs the whole recipe with the same losses in all stages, and ends with the same accuracy", () => {
    const places = withPhotographs();
    const arch = onnxPath("convolutions.legacy13.norms.onnx");
    const course = ["--arch", arch, "--stages", "precompute,augment,unfreeze,tta", "--epochs", "3,1,1"];
    const [tested, own] = [trained("webgpu", places, ...course), trained("cpu", places, ...course)];
    expect(tested.done.stages.map(({ name }: { name: string }) => name)).toEqual(["precompute", "augment", "unfreeze", "tta"]);
    expect(tested.losses).toHaveLength(10);
    expect(tested.losses).toBeAllClose(own.losses, 1e-3);
    expect(tested.done.accuracy).toBe(own.done.accuracy);
    expect(tested.done.ttaAccuracy).toBe(own.done.ttaAccuracy);
  });
});
