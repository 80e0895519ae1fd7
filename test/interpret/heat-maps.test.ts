// Heat maps of a learner, on a picture with a known result.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { expect, test } from "vitest";
import { ConvLearner, openHeatMaps } from "../../src/index.ts";
import { makePictures, makeWeights, temporaryFolder, tiny, tinyData } from "../learner/tiny.ts";

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
