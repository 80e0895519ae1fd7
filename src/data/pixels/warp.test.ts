// Which part of an image is read, that its border is the whole image's, and what is interpolated.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { RgbImage } from "../decode/image.ts";
import { compose, type Projection } from "./projection.ts";
import { regionRead, warp } from "./warp.ts";
import { KERNEL_SOURCE } from "./warp-kernel.ts";

function pattern(width: number, height: number): RgbImage {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * i * 7 + i * 13) % 256);
  return { width, height, data };
}

function part({ width, data }: RgbImage, box: { left: number; top: number; width: number; height: number }): RgbImage {
  const result = new Uint8Array(box.width * box.height * 3);
  for (let y = 0; y < box.height; y++) {
    const from = ((box.top + y) * width + box.left) * 3;
    result.set(data.subarray(from, from + box.width * 3), y * box.width * 3);
  }
  return { width: box.width, height: box.height, data: result };
}

/** Bilinear interpolation in floating point. */
function plain(image: RgbImage, x: number, y: number, border: "reflect" | "edge" | "zero", c: number): number {
  const fold = (index: number, length: number): number => {
    if (border === "edge") return Math.min(Math.max(index, 0), length - 1);
    if (border === "zero") return index;
    const folded = ((index % (2 * length)) + 2 * length) % (2 * length);
    return folded < length ? folded : 2 * length - 1 - folded;
  };
  let sum = 0;
  for (const [column, weightX] of [
    [Math.floor(x), 1 - (x - Math.floor(x))],
    [Math.floor(x) + 1, x - Math.floor(x)],
  ] as const)
    for (const [row, weightY] of [
      [Math.floor(y), 1 - (y - Math.floor(y))],
      [Math.floor(y) + 1, y - Math.floor(y)],
    ] as const) {
      const [u, v] = [fold(column, image.width), fold(row, image.height)];
      const inside = u >= 0 && v >= 0 && u < image.width && v < image.height;
      sum += inside ? image.data[(v * image.width + u) * 3 + c]! * weightX * weightY : 0;
    }
  return sum;
}

const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const side = fc.integer({ min: 1, max: 30 });
const border = fc.constantFrom("reflect" as const, "edge" as const, "zero" as const);
const affine = fc
  .tuple(number(-2, 2), number(-2, 2), number(-80, 80), number(-2, 2), number(-2, 2), number(-80, 80))
  .map((values): Projection => [...values, 0, 0, 1]);
const slight = fc.tuple(number(-0.02, 0.02), number(-0.02, 0.02)).map(([g, h]): Projection => [1, 0, 0, 0, 1, 0, g, h, 1]);
const anyMap = fc.oneof(
  affine,
  fc.tuple(affine, slight).map(([outer, inner]) => compose(outer, inner)),
  fc.constantFrom<Projection>([-1, 0, 9, 0, 1, 0, 0, 0, 1], [0, 1, -3, -1, 0, 4, 0, 0, 1], [1, 0, 5, 0, 1, -7, 0, 0, 1]),
);

test("the part that is read is enough: it gives the pixels of the whole image, whatever the map", () => {
  fc.assert(
    fc.property(
      side,
      side,
      anyMap,
      border,
      fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 20 }), side, side),
      (width, height, map, mode, box) => {
        const image = pattern(width, height);
        const window = { left: box[0], top: box[1], width: box[2], height: box[3] };
        const region = regionRead(map, window, width, height, mode);
        expect(region.left >= 0 && region.top >= 0 && region.width >= 1 && region.height >= 1).toBe(true);
        expect(region.left + region.width <= width && region.top + region.height <= height).toBe(true);
        const whole = warp(image, { left: 0, top: 0, width, height }, map, window, width, height, mode);
        expect(warp(part(image, region), region, map, window, width, height, mode)).toEqual(whole);
      },
    ),
    { numRuns: 300 },
  );
});

test("every pixel is the bilinear mean of the four around its place", () => {
  fc.assert(
    fc.property(side, side, affine, border, (width, height, map, mode) => {
      const image = pattern(width, height);
      const [a, b, c, d, e, f] = map;
      const { data } = warp(image, { left: 0, top: 0, width, height }, map, { left: 0, top: 0, width: 9, height: 7 }, width, height, mode);
      for (let i = 0; i < data.length; i++) {
        const [x, y] = [Math.floor(i / 3) % 9, Math.floor(i / 27)];
        // Positions are rounded to 1/2048 of a pixel in two parts: an error of up to one level.
        expect(Math.abs(data[i]! - plain(image, a * x + b * y + c, d * x + e * y + f, mode, i % 3))).toBeLessThan(1);
      }
    }),
    { numRuns: 200 },
  );
});

test("a place far outside is folded back without its region growing", () => {
  const map: Projection = [1, 0, 1_000_000.25, 0, 1, 0, 0, 0, 1];
  const window = { left: 0, top: 0, width: 10, height: 10 };
  const region = regionRead(map, window, 5000, 20, "reflect");
  expect(region.width).toBeLessThan(20);
  expect(regionRead(map, window, 5000, 20, "edge").width).toBe(1);
});

test("the kernel was made from the source in kernels/", () => {
  const source = readFileSync(new URL("../../../kernels/warp.ts", import.meta.url));
  expect(createHash("sha256").update(source).digest("hex"), "run node kernels/build.mjs").toBe(KERNEL_SOURCE);
});
