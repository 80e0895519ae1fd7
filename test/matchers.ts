// The meaning of "agrees with" in every test: the largest difference, relative to the largest expected magnitude.

import type { Tensor } from "../src/core/index.ts";

/** Numbers to compare: an array, or a tensor of any type. */
export type Numbers = ArrayLike<number> | ArrayLike<bigint> | Tensor;

export interface Closeness {
  readonly close: boolean;
  /** A readable description of the largest difference. */
  readonly message: string;
}

/** Whether max |A − B| ≤ `tolerance` · max |B|. False for different lengths or (tensors') shapes, and for values that are not finite. */
export function closeness(actual: Numbers, expected: Numbers, tolerance: number): Closeness {
  const [a, b] = [numbersOf(actual), numbersOf(expected)];
  if ("shape" in actual && "shape" in expected && actual.shape.join() !== expected.shape.join()) {
    return { close: false, message: `the shape is [${actual.shape}], expected [${expected.shape}]` };
  }
  if (a.length !== b.length) return { close: false, message: `there are ${a.length} numbers, expected ${b.length}` };
  let [worst, difference, magnitude] = [0, 0, 0];
  for (const [i, value] of b.entries()) {
    const distance = Math.abs(a[i]! - value);
    if (!Number.isFinite(distance)) return { close: false, message: `number ${i} is ${a[i]}, expected ${value}` };
    if (distance > difference) [worst, difference] = [i, distance];
    magnitude = Math.max(magnitude, Math.abs(value));
  }
  const message = `the largest difference is ${difference} at ${worst} (${a[worst]}, expected ${b[worst]}); allowed is ${tolerance} · ${magnitude}`;
  return { close: difference <= tolerance * magnitude, message };
}

function numbersOf(values: Numbers): readonly number[] {
  return Array.from(("data" in values ? values.data : values) as ArrayLike<number | bigint>, Number);
}
