// Numbers given as options: each is checked before any work begins.

import { expected } from "../core/errors.ts";

/** A parser for the option `name`: an integer of at least `low` and at most `high`; throws a UsageError for anything else. */
export function integer(name: string, low: number, high = Number.MAX_SAFE_INTEGER): (text: string) => number {
  const what = high === Number.MAX_SAFE_INTEGER ? `an integer of at least ${low}` : `an integer from ${low} to ${high}`;
  return (text) => {
    const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= low && value <= high)) throw expected(what, name, text);
    return value;
  };
}
