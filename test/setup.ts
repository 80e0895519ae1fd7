// Adds `toBeAllClose` to every test's `expect`.

import { expect } from "vitest";
import { closeness, type Numbers } from "./matchers.ts";

declare module "vitest" {
  interface Matchers<T> {
    /** Passes when max |A − B| ≤ `tolerance` · max |B|, for arrays of numbers and for tensors. */
    toBeAllClose(expected: Numbers, tolerance: number): T;
  }
}

expect.extend({
  toBeAllClose(actual: Numbers, expected: Numbers, tolerance: number) {
    const { close, message } = closeness(actual, expected, tolerance);
    return {
      pass: close,
      message: () => (this.isNot ? `Expected not to agree to ${tolerance}, but ${message}` : `Expected to agree: ${message}`),
    };
  },
});
