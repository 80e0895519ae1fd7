// Pictures become network inputs in the same way on every platform: files decode to the same pixels as in Node within a few levels, equal
// pixels are scaled and cropped to equal pixels, and tensors agree to 1e-5.

import { expect, test } from "vitest";
import { decoder } from "#decode";
import { normalizePixels } from "../../src/classifier/preprocess.ts";
import { hashBytes } from "../../src/core/hash.ts";
import { randomStream } from "../../src/core/random.ts";
import { applyTransform } from "../../src/data/augment/apply.ts";
import { drawAugmentation } from "../../src/data/augment/draw.ts";
import type { TransformSpec } from "../../src/data/augment/transforms.ts";
import { GraphBuilder } from "../../src/graph/builder.ts";
import { contract, open } from "./device.ts";
import expected from "./images.json" with { type: "json" };

const inNode = typeof process === "object" && process.release?.name === "node";

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

/** The largest and the mean difference of decoders, in levels of 255. Lossless files decode to the same pixels everywhere. */
function toleranceOf(name: string): readonly [number, number] {
  if (name.includes("half transparent") || name === "png, 16 bit") return [1, 0.5];
  if (/^(png|gif|webp, lossless)/.test(name)) return [0, 0];
  return name.startsWith("avif") || name === "webp" ? [8, 1.5] : [6, 1];
}

contract("pictures", () => {
  test.each(expected.images)("a file ($name) decodes to Node's pixels", async ({ name, file, width, height, pixels }) => {
    const decoded = await decoder.decode(bytesOf(file));
    expect([decoded.width, decoded.height]).toEqual([width, height]);
    const reference = bytesOf(pixels);
    const differences = reference.map((value, i) => Math.abs(value - (decoded.data[i] as number)));
    const [largest, mean] = toleranceOf(name);
    expect(Math.max(...differences)).toBeLessThanOrEqual(largest);
    expect(differences.reduce((sum, difference) => sum + difference, 0) / differences.length).toBeLessThanOrEqual(mean);
  });

  test.each(expected.images.filter(({ name }) => !name.includes(",")))(
    "the error for a truncated file ($name) says so",
    async ({ name, file }) => {
      const bytes = bytesOf(file);
      const format = name === "webp" ? "WebP" : name.toUpperCase();
      await expect(decoder.decode(bytes.subarray(0, bytes.length * 0.7))).rejects.toThrow(`truncated ${format}`);
    },
  );

  test.skipIf(inNode)("a TIFF is refused with what to do", async () => {
    await expect(decoder.decode(bytesOf(btoa("II*\0\x08\0\0\0\0\0")))).rejects.toThrow(
      "a TIFF file, which browsers cannot read: convert it to PNG",
    );
  });

  test.each(expected.transforms)("transforming equal pixels, $name, gives equal bytes", ({ name, spec, sha256 }) => {
    expect(hashBytes(transformed(name, spec as TransformSpec))).toBe(sha256);
  });

  test("a tensor of pixels is (x/255 − mean)/std in each channel", async () => {
    const { name, spec } = expected.transforms[0]!;
    const data = transformed(name, spec as TransformSpec);
    const { size } = spec;
    const [mean, std] = [
      [0.485, 0.456, 0.406],
      [0.229, 0.224, 0.225],
    ];
    const graph = new GraphBuilder();
    const session = await open(graph, { y: normalizePixels(graph, graph.input("x", "uint8", [1, size, size, 3]), { mean, std }) });
    const { y } = await session.run({ x: { type: "uint8", shape: [1, size, size, 3], data } });
    await session.release();
    const wanted = Float64Array.from({ length: data.length }, (_, i) => {
      const channel = Math.floor(i / (size * size));
      return ((data[(i % (size * size)) * 3 + channel] as number) / 255 - (mean[channel] as number)) / (std[channel] as number);
    });
    expect(y).toBeAllClose([...wanted], 1e-5);
  });
});

function transformed(name: string, spec: TransformSpec): Uint8Array {
  const first = expected.images[0]!;
  const image = { width: first.width, height: first.height, data: bytesOf(first.pixels) };
  return applyTransform(image, spec, drawAugmentation(spec, image.width, image.height, randomStream(1, "contract", name)));
}
