// Heat maps against PyTorch's autograd (make_grad_cam.py), for every kind of network.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { importModel } from "../../test/fixtures/onnx-models.ts";
import { everyNetwork, networks } from "../../test/nn/all-networks.ts";
import { formulaParameters, imageBatch } from "../../test/reference/formula.ts";
import { networkStages } from "../classifier/network-stages.ts";
import { type Architecture, mobileNetV2, squeezeNet11, vitSmall } from "../index.ts";
import { describeParameters } from "../nn/index.ts";
import { openGradCam } from "./grad-cam.ts";

const wanted: Record<string, { logits: number[]; maps: number[][][] }> = JSON.parse(
  readFileSync(new URL("../../test/interpret/grad-cam.json", import.meta.url), "utf8"),
);

/** The formula's picture as uint8 pixels [1, size, size, 3]. */
function pixelsOf(size: number) {
  const planes = imageBatch("photograph", [1, 3, size, size]).data;
  const data = Uint8Array.from({ length: size * size * 3 }, (_, i) => {
    const value = planes[(i % 3) * size * size + Math.floor(i / 3)]!;
    return Math.min(255, Math.max(0, Math.round((value + 2) * 64)));
  });
  return { type: "uint8" as const, shape: [1, size, size, 3], data };
}

/** `architecture` with a head for three classes and parameters by the formula, on pixels that are only divided by 255. */
function open(architecture: Architecture, size: number) {
  const stages = networkStages(architecture, { hidden: [16], ps: [0.25, 0.5] }, 3);
  const parameters = formulaParameters(describeParameters(stages, [1, 3, size, size]));
  return openGradCam({ stages, parameters, size, normalization: { mean: [0, 0, 0], std: [1, 1, 1] } });
}

test.each([mobileNetV2, squeezeNet11, vitSmall])("$name has PyTorch's heat for every class", async (architecture) => {
  const { logits, maps } = wanted[architecture.name]!;
  const cam = await open(architecture, 64);
  for (const [label, rows] of maps.entries()) {
    const map = await cam.map(pixelsOf(64), label);
    expect([map.rows, map.columns]).toEqual([rows.length, rows[0]!.length]);
    expect(Array.from(map.outputs)).toBeAllClose(logits, 1e-4);
    expect(Array.from(map.values)).toBeAllClose(rows.flat(), 1e-4);
  }
  expect(await cam.map(pixelsOf(64), (outputs) => outputs.indexOf(Math.max(...outputs)))).toEqual(
    await cam.map(pixelsOf(64), logits.indexOf(Math.max(...logits))),
  );
  await cam.release();
});

test("a network that pools its tokens into one has heat on the grid of its patches", async () => {
  const { architecture } = await importModel("pooled.legacy17.batches.onnx");
  const stages = networkStages(architecture, { hidden: [16], ps: [0.25, 0.5] }, 3);
  const made = formulaParameters(describeParameters(stages, [1, 3, 32, 32]));
  const parameters = new Map([...made, ...architecture.parameters]);
  const cam = await openGradCam({ stages, parameters, size: 32, normalization: { mean: [0, 0, 0], std: [1, 1, 1] } });
  const { rows, columns, values } = await cam.map(pixelsOf(32), 0);
  await cam.release();
  expect([rows, columns, values.length]).toEqual([4, 4, 16]);
  expect(Array.from(values).every(Number.isFinite)).toBe(true);
});

const quick = new Set(["thaw_small", "resnet18", "densenet121", "vit_small_patch14_dinov2"]);

describe.each(networks.filter(({ name }) => everyNetwork || quick.has(name)))("$name", ({ architecture }) => {
  test("has heat maps on a grid, and not all are cold", { timeout: 300_000 }, async () => {
    const cam = await open(architecture, 98);
    const all: number[] = [];
    for (const label of [0, 1, 2]) {
      const { rows, columns, values } = await cam.map(pixelsOf(98), label);
      expect(rows).toBeGreaterThan(1);
      expect(values).toHaveLength(rows * columns);
      all.push(...values);
    }
    await cam.release();
    for (const value of all) expect(value).toBeGreaterThanOrEqual(0);
    expect(Math.max(...all)).toBeGreaterThan(0);
  });
});
