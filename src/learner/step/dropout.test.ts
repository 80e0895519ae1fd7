// Dropout masks: the generator beside its published definition, the share that is dropped, and which stream a mask is from.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { randomStream } from "../../core/random.ts";
import { dropoutMasks } from "./dropout.ts";
import { KERNEL_SOURCE } from "./dropout-kernel.ts";

/** The values of the one mask of `probability`. */
function maskOf(probability: number): Float32Array {
  const { mask } = dropoutMasks([{ name: "mask", shape: [1_000, 1_000], probability }], 1)(0);
  return mask?.data as Float32Array;
}

const rotated = (word: number, by: number): number => (word << by) | (word >>> (32 - by));

/** xoshiro128++ as its authors give it. */
function nextBits(state: Int32Array): number {
  const [a, b, c, d] = state as unknown as [number, number, number, number];
  const result = (rotated((a + d) | 0, 7) + a) | 0;
  const third = c ^ a;
  const fourth = d ^ b;
  state.set([a ^ fourth, b ^ third, third ^ (b << 9), rotated(fourth, 11)]);
  return result;
}

test("a mask is what four generators of the published definition draw, 16 bits for each value", () => {
  const count = 1_003;
  const { mask } = dropoutMasks([{ name: "mask", shape: [17, 59], probability: 0.25 }], 7)("epoch", 3);
  const random = randomStream(7, "dropout", "mask", "epoch", 3);
  const words = Array.from({ length: 16 }, () => random.bits());
  const lanes = [0, 1, 2, 3].map((lane) => Int32Array.from([0, 1, 2, 3], (word) => words[4 * word + lane] as number));
  const expected: number[] = [];
  for (let drawn = 0; expected.length < count; drawn++) {
    const bits = nextBits(lanes[drawn % 4] as Int32Array);
    for (const half of [bits & 0xffff, bits >>> 16]) expected.push(half < 0.25 * 65_536 ? 0 : Math.fround(4 / 3));
  }
  expect(Array.from(mask?.data as Float32Array)).toEqual(expected.slice(0, count));
});

test.each([0.05, 0.5, 0.9])("as many values are dropped as the probability %f says, and the mean stays 1", (probability) => {
  const values = maskOf(probability);
  const share = values.reduce((zeros, value) => zeros + Number(value === 0), 0) / values.length;
  // Five standard deviations of the share.
  expect(Math.abs(share - probability)).toBeLessThan((5 * Math.sqrt(probability * (1 - probability))) / 1_000);
  expect(values.reduce((sum, value) => sum + value, 0) / values.length).toBeCloseTo(1, 1);
});

test("a mask depends on seed, name and key alone, not on the masks drawn before or beside it", () => {
  const spec = { name: "b", shape: [3, 7], probability: 0.5 };
  const alone = dropoutMasks([spec], 1);
  const wanted = Array.from(alone(4, 2).b?.data as Float32Array);
  const beside = dropoutMasks([{ name: "a", shape: [5], probability: 0.1 }, spec], 1);
  beside(4, 1);
  expect(Array.from(beside(4, 2).b?.data as Float32Array)).toEqual(wanted);
  for (const other of [alone(4, 3).b, dropoutMasks([spec], 2)(4, 2).b, dropoutMasks([{ ...spec, name: "c" }], 1)(4, 2).c])
    expect(Array.from(other?.data as Float32Array)).not.toEqual(wanted);
});

test("where almost all is dropped something is kept now and then", () => {
  const kept = maskOf(1 - 1e-9).filter((value) => value !== 0);
  expect(kept.length).toBeGreaterThan(0);
  expect(kept.length).toBeLessThan(60);
});

test("the kernel was made of the source that lies in kernels", () => {
  const source = readFileSync(new URL("../../../kernels/dropout.ts", import.meta.url));
  expect(createHash("sha256").update(source).digest("hex"), "run node kernels/build.mjs").toBe(KERNEL_SOURCE);
});
