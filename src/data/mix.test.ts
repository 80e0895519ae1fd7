// Mixed batches: pixels and targets in the same proportion.

import { describe, expect, test } from "vitest";
import { randomStream } from "../core/random.ts";
import { cutMix, mixUp, mixUpOrCutMix, type SoftBatch } from "./mix.ts";

/** `count` images of one grey each, 0 to 250, one class per image. */
function greys(count: number, height = 16, width = 12): SoftBatch {
  const pixels = new Uint8Array(count * height * width * 3);
  const targets = new Float32Array(count * count);
  for (let i = 0; i < count; i++) {
    pixels.fill(i * Math.floor(250 / count), i * height * width * 3, (i + 1) * height * width * 3);
    targets[i * count + i] = 1;
  }
  return {
    pixels: { type: "uint8", shape: [count, height, width, 3], data: pixels },
    targets: { type: "float32", shape: [count, count], data: targets },
  };
}

/** What the targets say the mean grey of image `i` is, and what it is. */
function meanGreys({ pixels, targets }: SoftBatch, i: number): { said: number; seen: number } {
  const count = pixels.shape[0]!;
  const length = pixels.data.length / count;
  const seen = pixels.data.subarray(i * length, (i + 1) * length).reduce((sum, value) => sum + value, 0) / length;
  const said = targets.data.subarray(i * count, (i + 1) * count).reduce((sum, value, k) => sum + value * k * Math.floor(250 / count), 0);
  return { said, seen };
}

describe.each([
  ["mixUp", mixUp],
  ["cutMix", cutMix],
  ["mixUpOrCutMix", mixUpOrCutMix],
] as const)("%s", (_, mix) => {
  test("mixes targets in the proportion of the pixels, and they add up to 1", () => {
    const mixed = mix(greys(25), randomStream("mix"));
    for (let i = 0; i < 25; i++) {
      const { said, seen } = meanGreys(mixed, i);
      expect(Math.abs(said - seen)).toBeLessThanOrEqual(0.51);
      expect(mixed.targets.data.subarray(i * 25, (i + 1) * 25).reduce((sum, value) => sum + value, 0)).toBeCloseTo(1);
    }
    expect(new Set(mixed.targets.data).size).toBeGreaterThan(20);
  });

  test("leaves its input as it is, and repeats from the same key", () => {
    const batch = greys(4);
    const before = structuredClone(batch);
    expect(mix(batch, randomStream("mix", 3))).toEqual(mix(batch, randomStream("mix", 3)));
    expect(batch).toEqual(before);
    expect(mix(batch, randomStream("mix", 3))).not.toEqual(mix(batch, randomStream("mix", 4)));
  });

  test("a batch of one, or of none, comes back as it was", () => {
    expect(mix(greys(1), randomStream("mix"))).toEqual(greys(1));
    expect(mix(greys(0), randomStream("mix"))).toEqual(greys(0));
  });
});

test("mixUp blends floats of any shape as their targets say", () => {
  const activations = { type: "float32", shape: [5, 3], data: Float32Array.from({ length: 15 }, (_, i) => Math.floor(i / 3)) } as const;
  const { pixels, targets } = mixUp({ pixels: activations, targets: greys(5).targets }, randomStream("mix"), { alpha: 1 });
  const said = Array.from({ length: 15 }, (_, i) => {
    const row = targets.data.subarray(Math.floor(i / 3) * 5, Math.floor(i / 3) * 5 + 5);
    return row.reduce((sum, share, k) => sum + share * k, 0);
  });
  expect(pixels.data).toBeAllClose(said, 1e-6);
  expect(new Set(pixels.data).size).toBe(5);
});

test("in mixUp at least half of an image is its own", () => {
  const { targets } = mixUp(greys(50), randomStream("mix"));
  for (let i = 0; i < 50; i++) expect(targets.data[i * 50 + i]).toBeGreaterThanOrEqual(0.5);
});

test("cutMix pastes one upright rectangle, and the rest stays", () => {
  const { pixels, targets } = cutMix(greys(25, 20, 20), randomStream("mix"));
  let pasted = 0;
  for (let i = 0; i < 25; i++) {
    const image = pixels.data.subarray(i * 1200, (i + 1) * 1200).filter((_, k) => k % 3 === 0);
    const other = [...image.keys()].filter((k) => image[k] !== i * 10);
    const columns = other.map((k) => k % 20);
    const rows = other.map((k) => Math.floor(k / 20));
    const area = (Math.max(...columns) - Math.min(...columns) + 1) * (Math.max(...rows) - Math.min(...rows) + 1);
    if (other.length === 0) continue;
    pasted++;
    expect(other).toHaveLength(area);
    expect(new Set(other.map((k) => image[k])).size).toBe(1);
    expect(targets.data[i * 25 + i]).toBeCloseTo(1 - area / 400);
  }
  expect(pasted).toBeGreaterThan(15);
});

test("targets that do not fit the images are refused", () => {
  const { pixels } = greys(3);
  const { targets } = greys(2);
  expect(() => mixUp({ pixels, targets }, randomStream(1))).toThrow("Expected 3 rows, one for each image, for targets but received [2,2]");
});
