// Half precision: every half survives the way through float32, and other values round to the nearest half, ties to even.

import { expect, test } from "vitest";
import { floatFromBrain, floatFromHalf, floatsFromBrains, floatsFromHalves, halfFromFloat } from "./half.ts";

const finite = Array.from({ length: 0x7c00 }, (_, bits) => bits);

test("every half of either sign is converted to itself", () => {
  const wrong = [...finite, 0x7c00].filter((half) => {
    const value = floatFromHalf(half);
    return halfFromFloat(value) !== half || halfFromFloat(-value) !== (half | 0x8000);
  });
  expect(wrong).toEqual([]);
});

test("the midpoint between two halves rounds to the even one, and values beside it to the nearer one", () => {
  const wrong = finite.filter((half) => {
    const above = half === 0x7bff ? 65536 : floatFromHalf(half + 1);
    const [low, middle] = [floatFromHalf(half), (floatFromHalf(half) + above) / 2];
    const aside = (above - low) / 64;
    const even = half % 2 === 0 ? half : half + 1;
    return halfFromFloat(middle) !== even || halfFromFloat(middle - aside) !== half || halfFromFloat(middle + aside) !== half + 1;
  });
  expect(wrong).toEqual([]);
});

test("NaN stays NaN, and values that are too large become infinite", () => {
  expect(floatFromHalf(halfFromFloat(Number.NaN))).toBeNaN();
  expect(floatFromHalf(halfFromFloat(-1e6))).toBe(Number.NEGATIVE_INFINITY);
});

test("a bfloat16 is the upper half of a float32", () => {
  const numbers = [0x3f80, 0xc049, 0x0000, 0x7f80, 0x0001].map(floatFromBrain);
  expect(numbers).toEqual([1, -3.140625, 0, Number.POSITIVE_INFINITY, 2 ** -133]);
});

test("many at once are the same as one by one", () => {
  const all = Uint16Array.from({ length: 0x10000 }, (_, bits) => bits);
  const [halves, brains] = [floatsFromHalves(all), floatsFromBrains(all)];
  const wrong = all.filter((bits) => !Object.is(halves[bits], floatFromHalf(bits)) || !Object.is(brains[bits], floatFromBrain(bits)));
  expect(wrong).toHaveLength(0);
});
