import { expect, test } from "vitest";
import { float32 } from "../src/core/index.ts";

test("the tolerance is relative to the largest expected magnitude", () => {
  expect([100.0099, 0.009]).toBeAllClose([100, 0], 1e-4);
  expect([100, 0.0101]).not.toBeAllClose([100, 0], 1e-4);
});

test("zeros agree only with zeros", () => {
  expect([0, 0]).toBeAllClose([0, 0], 1e-4);
  expect([0, 1e-30]).not.toBeAllClose([0, 0], 1e-4);
});

test("numbers that are not finite never agree", () => {
  expect([Number.NaN]).not.toBeAllClose([Number.NaN], 1);
  expect([1]).not.toBeAllClose([Number.POSITIVE_INFINITY], 1);
});

test("arrays of different lengths or shapes do not agree", () => {
  expect([1]).not.toBeAllClose([1, 1], 1);
  expect(float32([1, 2], [1, 2])).not.toBeAllClose(float32([1, 2], [2, 1]), 1);
  expect(() => expect([1]).toBeAllClose([1, 1], 1)).toThrow("there are 1 numbers, expected 2");
});

test("big integers compare by value", () => {
  expect(BigInt64Array.of(3n)).toBeAllClose([3], 0);
});
