// Hashes of thumbnails: by hand, mirrored, without detail, and after small changes.

import fc from "fast-check";
import { expect, test } from "vitest";
import { randomStream } from "../../core/random.ts";
import { bitCount, correlation, detailOf, greyThumbnail, MIRROR, perceptualHash } from "./perceptual-hash.ts";

const noise = (...key: (string | number)[]): Uint8Array => {
  const random = randomStream(...key);
  return Uint8Array.from({ length: 256 }, () => random.integer(0, 255));
};
const mirror = (grey: Uint8Array): Uint8Array => grey.map((_, i) => grey[i ^ 15]!);
const differing = (a: readonly [number, number], b: readonly [number, number]): number =>
  bitCount((a[0] ^ b[0]) >>> 0) + bitCount((a[1] ^ b[1]) >>> 0);

test("bits are counted", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (word) => bitCount(word) === word.toString(2).replaceAll("0", "").length),
    { seed: 1 },
  );
});

test("a thumbnail is BT.601's luma of the shrunk image", () => {
  const colours = [
    [255, 0, 0],
    [0, 255, 0],
    [0, 0, 255],
    [255, 255, 255],
  ];
  const data = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => colours[Math.floor(i / 3 / 64 / 16)]![i % 3]!);
  const grey = greyThumbnail({ width: 64, height: 64, data });
  expect([grey[16], grey[16 * 5], grey[16 * 10], grey[16 * 14]]).toEqual([77, 149, 29, 255]);
});

test("the first bits are those of the lowest frequencies: darker to the right, darker below", () => {
  const ramp = (value: (x: number, y: number) => number): Uint8Array => Uint8Array.from({ length: 256 }, (_, i) => value(i % 16, i >> 4));
  const bits = (grey: Uint8Array): number => perceptualHash(grey)![0] & 3;
  expect(bits(ramp((x, y) => 200 - 8 * x - 4 * y))).toBe(3);
  expect(bits(ramp((x, y) => 10 + 8 * x + 4 * y))).toBe(0);
  expect(bits(ramp((x, y) => 100 - 5 * x + 4 * y))).toBe(1);
  expect(bits(ramp((x, y) => 100 + 5 * x - 4 * y))).toBe(2);
});

test("a mirrored picture differs in the mirror's bits alone", () => {
  for (let seed = 0; seed < 20; seed++) {
    const grey = noise("mirror", seed);
    const [high, low] = perceptualHash(grey)!;
    expect(perceptualHash(mirror(grey))).toEqual([(high ^ MIRROR[0]) >>> 0, (low ^ MIRROR[1]) >>> 0]);
    expect(correlation(grey, mirror(grey), true)).toBeCloseTo(1, 12);
    expect(Math.abs(correlation(grey, mirror(grey), false))).toBeLessThan(0.4);
  }
});

test("brightness and contrast change few bits, another picture about half of them", () => {
  const grey = noise("bright");
  expect(differing(perceptualHash(grey)!, perceptualHash(grey.map((value) => Math.round(value * 0.7 + 20)))!)).toBeLessThanOrEqual(2);
  const others = Array.from({ length: 50 }, (_, i) => differing(perceptualHash(grey)!, perceptualHash(noise("other", i))!));
  const mean = others.reduce((a, b) => a + b) / others.length;
  expect(mean).toBeGreaterThan(29);
  expect(mean).toBeLessThan(35);
});

test("detail is what differs from the mean of its surroundings, which go on beyond the border", () => {
  const grey = new Uint8Array(256).fill(10);
  grey[0] = 100;
  const detail = detailOf(grey);
  // At the corner the value itself stands for four of the nine.
  expect(detail[0]).toBeCloseTo(100 - (4 * 100 + 5 * 10) / 9, 12);
  expect(detail[1]).toBeCloseTo(10 - (2 * 100 + 7 * 10) / 9, 12);
  expect(detail[17]).toBeCloseTo(-10, 12);
  expect(detail[2]).toBeCloseTo(0, 12);
});

test("a picture without detail has no hash", () => {
  expect(perceptualHash(new Uint8Array(256).fill(255))).toBeUndefined();
  expect(perceptualHash(Uint8Array.from({ length: 256 }, (_, i) => 100 + (i % 3)))).toBeUndefined();
});
