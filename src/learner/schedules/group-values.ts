// One number for each layer group: written out, spread between two, or one for all.

import { expected } from "../../core/errors.ts";

/** Values from one group to the next in equal ratios: see `slice`. */
export interface Slice {
  readonly lo: number | undefined;
  readonly hi: number;
}

/** One number for all layer groups, one for each (the earliest layers' first), or a slice. */
export type GroupValues = number | readonly number[] | Slice;

/**
 * Differential rates as in fastai 2: `slice(lo, hi)` goes from `lo` for the earliest layers to `hi` for the head in equal ratios;
 * `slice(hi)` is `hi` for the head and a tenth of it for all layers before. Throws a UsageError for numbers that are not positive.
 */
export function slice(hi: number): Slice;
export function slice(lo: number, hi: number): Slice;
export function slice(first: number, second?: number): Slice {
  for (const value of [first, second ?? first]) if (!(value > 0)) throw expected("a positive number", "slice", value);
  return second === undefined ? { lo: undefined, hi: first } : { lo: first, hi: second };
}

/** The numbers of `groups` layer groups. `name` ("learning rates") is for the UsageError if there are neither 1 nor `groups` of them. */
export function perGroup(value: GroupValues, groups: number, name: string): readonly number[] {
  if (typeof value === "number") return Array<number>(groups).fill(value);
  if ("hi" in value) return spread(value, groups);
  if (value.length === 1) return Array<number>(groups).fill(value[0] as number);
  if (value.length !== groups)
    throw expected(
      `1 or ${groups}`,
      `the number of ${name}`,
      value.length,
      "Give one for each layer group, the earliest layers' first, or one for all.",
    );
  return value;
}

function spread({ lo, hi }: Slice, groups: number): readonly number[] {
  return Array.from({ length: groups }, (_, group) => {
    if (group === groups - 1) return hi;
    return lo === undefined ? hi / 10 : lo * (hi / lo) ** (group / (groups - 1));
  });
}
