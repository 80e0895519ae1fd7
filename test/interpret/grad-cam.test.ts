// Heat maps against PyTorch's autograd (make_grad_cam.py), for every kind of network, and on a picture with a known result.

import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { networkStages } from "../../src/classifier/network-stages.ts";
import { type Architecture, ConvLearner, mobileNetV2, openHeatMaps, squeezeNet11, vitSmall } from "../../src/index.ts";
import { openGradCam } from "../../src/interpret/grad-cam.ts";
import { describeParameters } from "../../src/nn/index.ts";
import { makePictures, makeWeights, temporaryFolder, tiny, tinyData } from "../learner/tiny.ts";
import { everyNetwork, networks } from "../nn/all-networks.ts";
import { formulaParameters, imageBatch } from "../reference/formula.ts";

const wanted: Record<string, { logits: number[]; maps: number[][][] }> = JSON.parse(
  readFileSync(new URL("grad-cam.json", import.meta.url), "utf8"),
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

test("a trained network's heat map is hot at the class's colour, and displays and saves itself", { timeout: 120_000 }, async () => {
  const [folder, weights] = [await makePictures(24, 8), await makeWeights()];
  const data = await tinyData(folder);
  const learner = await ConvLearner.pretrained(tiny, data, { weights, seed: 3, ps: 0 });
  learner.unfreeze();
  await learner.fit(0.05, 6);
  // Grey, with a red square in the lower right quarter.
  const picture = join(await temporaryFolder(), "corner.png");
  const grey = Uint8Array.from({ length: 32 * 32 * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % 32, Math.floor(i / 96)];
    return x >= 16 && y >= 16 ? [190, 90, 90][i % 3]! : 120;
  });
  await sharp(grey, { raw: { width: 32, height: 32, channels: 3 } })
    .png()
    .toFile(picture);
  const maps = await openHeatMaps(learner);
  const heat = await maps.of(picture, { class: "red" });
  const quarter = (right: boolean, low: boolean): number =>
    heat.values.reduce((sum, value, i) => {
      const [x, y] = [(i % heat.columns) + 0.5, Math.floor(i / heat.columns) + 0.5];
      return x > heat.columns / 2 === right && y > heat.rows / 2 === low ? sum + value : sum;
    }, 0);
  for (const [right, low] of [
    [false, false],
    [true, false],
    [false, true],
  ] as const)
    expect(quarter(true, true)).toBeGreaterThan(quarter(right, low));
  expect(Math.max(...heat.values)).toBe(1);
  expect((await maps.of(picture)).probability).toBeGreaterThan(0.5);
  await expect(maps.of(picture, { class: "green" })).rejects.toThrow('There is no class "green"');
  const file = join(await temporaryFolder(), "heat.png");
  await heat.save(file);
  expect(await sharp(file).metadata()).toMatchObject({ width: 32, height: 32 });
  const shown = heat as unknown as Record<symbol, () => Promise<Record<string, string>>>;
  expect((await shown[Symbol.for("Jupyter.display")]!())["image/png"]).toBe((await readFile(file)).toString("base64"));
  await expect(heat.save("heat.txt")).rejects.toThrow("a name that ends in .png, .jpg, .webp or .avif");
  await maps.release();
  await learner.dispose();
});
