// Half precision: every half comes back from float32, and what lies between two goes to the nearer one, or of two equally near to the even.

import { expect, test } from "vitest";
import { floatFromHalf, halfFromFloat } from "./half.ts";

const finite = Array.from({ length: 0x7c00 }, (_, bits) => bits);

test("every half is the half nearest to itself, with either sign", () => {
  const wrong = [...finite, 0x7c00].filter((half) => {
    const value = floatFromHalf(half);
    return halfFromFloat(value) !== half || halfFromFloat(-value) !== (half | 0x8000);
  });
  expect(wrong).toEqual([]);
});

test("the middle between two halves goes to the even one, and what lies beside the middle to the nearer one", () => {
  const wrong = finite.filter((half) => {
    const above = half === 0x7bff ? 65536 : floatFromHalf(half + 1);
    const [low, middle] = [floatFromHalf(half), (floatFromHalf(half) + above) / 2];
    const aside = (above - low) / 64;
    const even = half % 2 === 0 ? half : half + 1;
    return halfFromFloat(middle) !== even || halfFromFloat(middle - aside) !== half || halfFromFloat(middle + aside) !== half + 1;
  });
  expect(wrong).toEqual([]);
});

test("what is not a number stays so, and what is too large is infinite", () => {
  expect(floatFromHalf(halfFromFloat(Number.NaN))).toBeNaN();
  expect(floatFromHalf(halfFromFloat(-1e6))).toBe(Number.NEGATIVE_INFINITY);
});
