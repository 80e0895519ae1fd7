// The pixels inside an exported model are those that thaw loads.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { decoder } from "#decode";
import { contents } from "../../../test/fixtures/models.ts";
import { runExported } from "../../../test/fixtures/run-exported.ts";
import { shared } from "../../../test/shared.ts";
import { loadImage } from "../../data/load/load-image.ts";
import { encodeModel } from "../../graph/model.ts";
import { pixelPipeline } from "./pipeline.ts";

describe("the preprocessed pixels", () => {
  const pixels = async (size: number, image: { width: number; height: number; data: Uint8Array }, pad = 0): Promise<Float64Array> => {
    const { nodes, constants } = pixelPipeline({ ...contents.preprocessing, size, pad }, "pixels", "square");
    const graph = {
      nodes,
      constants,
      inputs: [{ name: "pixels", type: "uint8", shape: ["n", "h", "w", 3] }],
      outputs: [{ name: "square", type: "uint8", shape: ["n", 3, size, size] }],
      types: new Map(),
    } as const;
    const planes = await runExported(encodeModel(graph), image);
    const own = await loadImage(image, { size, crop: "center", pad, augment: [] });
    return Float64Array.from(own, (value, i) => Math.abs(value - planes[(i % 3) * size * size + Math.floor(i / 3)]!));
  };
  const waves = (width: number, height: number) => ({
    width,
    height,
    data: Uint8Array.from({ length: width * height * 3 }, (_, i) => {
      const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
      return 128 + 120 * Math.sin(x / 5 + (i % 3)) * Math.cos(y / 3);
    }),
  });

  test.each([
    [500, 375, 224],
    [375, 500, 224],
    [3, 7, 32],
    [64, 64, 64],
    [641, 97, 96],
    [20, 1000, 48],
  ])("%i × %i to %i equal thaw's except for occasional rounding", async (width, height, size) => {
    const differences = await pixels(size, waves(width, height));
    expectNearlyEqual(differences);
  });

  test("have a reflected border", async () => {
    const differences = await pixels(64, waves(200, 120), 5);
    expectNearlyEqual(differences);
  });

  test.skipIf(!shared)("of photographs equal thaw's except for occasional rounding", async () => {
    const folder = join(shared as string, "data", "dogscats", "valid", "cats");
    for (const name of readdirSync(folder).sort().slice(0, 12)) {
      const differences = await pixels(224, await decoder.decode(await decoder.read(join(folder, name))));
      expectNearlyEqual(differences);
    }
  });
});

/** ONNX Runtime has scales in 32 bits, Pillow and thaw in 64: occasionally a weight, and then a level, rounds differently. */
function expectNearlyEqual(differences: Float64Array): void {
  expect(differences.reduce((a, b) => Math.max(a, b))).toBeLessThanOrEqual(4);
  expect(differences.reduce((a, b) => a + b) / differences.length).toBeLessThan(0.1);
}
