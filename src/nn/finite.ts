// Refuses weights that are not numbers: everything that is computed from them would be NaN.

import { UsageError } from "../core/errors.ts";
import type { Parameters } from "./scope.ts";

/** Throws a UsageError that names `file` and the first tensor with NaN or infinity; `hint` is the cure. */
export function checkFinite(parameters: Parameters, file: string, hint: string): void {
  for (const [name, { type, data }] of parameters) {
    if (type !== "float32") continue;
    // x − x is 0 for every finite number and NaN otherwise; a sum is many times faster than checking each.
    let sum = 0;
    for (const value of data as Float32Array) sum += value - value;
    if (sum !== 0) throw new UsageError(`${file} is damaged: "${name}" has NaN or infinity`, hint);
  }
}
