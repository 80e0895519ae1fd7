// Scaling, against Pillow's results and by hand.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { RgbImage } from "../decode/image.ts";
import { resize } from "./resample.ts";
import { KERNEL_SOURCE } from "./resample-kernel.ts";

interface Reference {
  width: number;
  height: number;
  cases: { width: number; height: number; box: [number, number, number, number] | null; data: string }[];
}
const reference = JSON.parse(readFileSync(new URL("../../../test/reference/resize.json", import.meta.url), "utf8")) as Reference;

function pattern(width: number, height: number): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0, to = 0; y < height; y++)
    for (let x = 0; x < width; x++) for (let c = 0; c < 3; c++) data[to++] = (x * x * 7 + y * 13 + x * y * 3 + c * 50) % 256;
  return { width, height, data };
}

test.each(reference.cases)("scaling to $width × $height of $box gives Pillow's pixels", ({ width, height, box, data }) => {
  const from = box ? { left: box[0], top: box[1], width: box[2] - box[0], height: box[3] - box[1] } : undefined;
  const scaled = resize(pattern(reference.width, reference.height), width, height, undefined, from);
  expect([scaled.width, scaled.height]).toEqual([width, height]);
  expect(Buffer.from(scaled.data).equals(Buffer.from(data, "base64"))).toBe(true);
});

test("a part of a scaled image is the same as that part of the whole", () => {
  const side = fc.integer({ min: 1, max: 60 });
  const fraction = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(side, side, side, side, fraction, fraction, fraction, fraction, (width, height, toWidth, toHeight, a, b, c, d) => {
      const image = pattern(width, height);
      const left = Math.floor(a * (toWidth - 1));
      const top = Math.floor(b * (toHeight - 1));
      const region = { left, top, width: 1 + Math.floor(c * (toWidth - left - 1)), height: 1 + Math.floor(d * (toHeight - top - 1)) };
      const whole = resize(image, toWidth, toHeight);
      const part = resize(image, toWidth, toHeight, region);
      for (let y = 0; y < region.height; y++) {
        const start = ((top + y) * toWidth + left) * 3;
        expect(part.data.slice(y * region.width * 3, (y + 1) * region.width * 3)).toEqual(
          whole.data.slice(start, start + region.width * 3),
        );
      }
    }),
    { numRuns: 200, seed: 1 },
  );
});

test("an image of one colour has that colour at any size", () => {
  const side = fc.integer({ min: 1, max: 90 });
  fc.assert(
    fc.property(side, side, side, side, fc.constantFrom(0, 1, 127, 254, 255), (width, height, toWidth, toHeight, value) => {
      const image = { width, height, data: new Uint8Array(width * height * 3).fill(value) };
      expect(new Set(resize(image, toWidth, toHeight).data)).toEqual(new Set([value]));
    }),
    { numRuns: 200, seed: 2 },
  );
});

test("an image too large for the kernel's retained memory is scaled, and so is the next one", () => {
  const large = pattern(20, 30_000);
  const tall = resize(large, 600, 29_999);
  expect([tall.width, tall.height, tall.data.length]).toEqual([600, 29_999, 600 * 29_999 * 3]);
  const part = resize(large, 600, 29_999, { left: 100, top: 17_000, width: 40, height: 3 });
  for (const row of [0, 1, 2])
    expect(part.data.subarray(row * 120, (row + 1) * 120)).toEqual(
      tall.data.subarray(((17_000 + row) * 600 + 100) * 3, ((17_000 + row) * 600 + 140) * 3),
    );
});

test("the kernel was made from the source in kernels/", () => {
  const source = readFileSync(new URL("../../../kernels/resample.ts", import.meta.url));
  expect(createHash("sha256").update(source).digest("hex"), "run node kernels/build.mjs").toBe(KERNEL_SOURCE);
});
