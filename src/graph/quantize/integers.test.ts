// The integers in an 8-bit graph.

import fc from "fast-check";
import { expect, test } from "vitest";
import { float32, type Tensor } from "../../core/tensor.ts";
import { integerConvolution, LARGEST_PAIR, meanError, uint8Scale } from "./integers.ts";

test("a range becomes 256 steps with an exact zero, and no number in it moves by more than one step", () => {
  const number = fc.double({ min: -50, max: 50, noNaN: true });
  fc.assert(
    fc.property(number, number, fc.double({ min: 0, max: 1, noNaN: true }), (a, b, t) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)];
      const { scale, zero } = uint8Scale([low, high]);
      expect(Number.isInteger(zero) && zero >= 0 && zero <= 255).toBe(true);
      const x = low + t * (high - low);
      const integer = Math.max(0, Math.min(255, Math.round(x / scale) + zero));
      // The zero point is also rounded, which may remove half a step at one end.
      expect(Math.abs((integer - zero) * scale - x)).toBeLessThanOrEqual(1.001 * scale);
    }),
  );
  expect(uint8Scale([0, 6])).toEqual({ scale: Math.fround(6 / 255), zero: 0 });
  expect(uint8Scale([2, 51])).toEqual({ scale: Math.fround(0.2), zero: 0 });
});

test("a value that is always zero gets a nonzero scale", () => {
  expect(uint8Scale([0, 0])).toEqual({ scale: 1, zero: 0 });
  expect(uint8Scale([-1e-42, 0])).toEqual({ scale: 1, zero: 0 });
});

test("weights are rounded per output channel by its largest pair of neighbours, the bias to the step of the product", () => {
  const { weight, scales, bias } = integerConvolution(float32([1, -2, 0.5, 30, 0, 14], [2, 3, 1, 1]), float32([0.25, -3]), 0.5);
  expect(Array.from(weight.data)).toEqual([42, -85, 21, 127, 0, 59]);
  expect(Array.from(scales.data)).toEqual([3 / 127, 30 / 127].map(Math.fround));
  expect(Array.from(bias.data)).toEqual([0.25 / (0.5 * (3 / 127)), -3 / (0.5 * (30 / 127))].map(Math.round));
});

test("depthwise filters may use all of int8, windows of several channels half of it", () => {
  expect(Array.from(integerConvolution(float32([1, -2, 4, 4], [2, 1, 1, 2]), undefined, 1).weight.data)).toEqual([64, -127, 127, 127]);
  expect(Array.from(integerConvolution(float32([1, -2, 4, 4], [1, 2, 1, 2]), undefined, 1).weight.data)).toEqual([16, -32, 64, 64]);
});

test("the mean error is the error of rounded weights for the mean input, within each group", () => {
  const weight = float32([0.3, 1, 1, 0.26], [2, 2, 1, 1]);
  const integers = {
    weight: { type: "int8", shape: [2, 2, 1, 1], data: Int8Array.of(1, 4, 4, 1) },
    scales: float32([0.25, 0.25]),
    bias: float32([0, 0]),
  } as never;
  const expectErrors = (means: number[], expected: number[]) =>
    expect(Array.from(meanError(weight, integers, means), (error) => Math.round(error * 1e4) / 1e4)).toEqual(expected);
  expectErrors([10, 1], [0.5, 0.01]);
  expectErrors([10, 1, 1, 100], [0.5, 1]);
});

test("a silent channel keeps its bias: the scale grows until it fits into 32 bits", () => {
  const { weight, scales, bias } = integerConvolution(float32([1e-20, 0], [2, 1, 1, 1]), float32([3, 0]) as Tensor, 0.01);
  expect(Array.from(weight.data)).toEqual([0, 0]);
  expect(bias.data[0]! * 0.01 * scales.data[0]!).toBeCloseTo(3, 5);
  expect([bias.data[1], scales.data[1]]).toEqual([0, 1]);
});

test("the products of the largest pair fit into 16 bits", () => {
  expect(255 * LARGEST_PAIR).toBeLessThan(2 ** 15);
});
