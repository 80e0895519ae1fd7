// Parsers of option values, which are checked before any work begins.

import { expected } from "../../core/errors.ts";

/** A parser for the option `name`: an integer of at least `low` and at most `high`; throws a UsageError for anything else. */
export function integer(name: string, low: number, high = Number.MAX_SAFE_INTEGER): (text: string) => number {
  const what = high === Number.MAX_SAFE_INTEGER ? `an integer of at least ${low}` : `an integer from ${low} to ${high}`;
  return (text) => {
    const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= low && value <= high)) throw expected(what, name, text);
    return value;
  };
}

/**
 * A parser for the option `name`: a number of at least `low` and at most `high`, such as 0.005 or 3e-4. Throws a UsageError for anything
 * else.
 */
export function decimal(name: string, low: number, high: number): (text: string) => number {
  return (text) => {
    const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
    if (!(value >= low && value <= high)) throw expected(`a number from ${low} to ${high}`, name, text);
    return value;
  };
}

/** A parser for an option with several values between commas, each of which `parse` reads. */
export function list<Value>(parse: (text: string) => Value): (text: string) => readonly Value[] {
  return (text) => text.split(",").map((part) => parse(part.trim()));
}

const UNITS: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1 };

/** A parser for the option `name`: a duration such as "90s", "10m" or "1h30m", in seconds. Throws a UsageError for anything else. */
export function duration(name: string): (text: string) => number {
  return (text) => {
    const parts = /^(\d+(\.\d+)?[hms])+$/.test(text) ? (text.match(/\d+(\.\d+)?[hms]/g) ?? []) : [];
    const seconds = parts.reduce((sum, part) => sum + Number(part.slice(0, -1)) * (UNITS[part.slice(-1)] ?? 0), 0);
    if (!(seconds > 0)) throw expected('a duration such as "90s", "10m" or "1h30m"', name, text);
    return seconds;
  };
}

/** A parser for the option `name`: one of `words`. Throws a UsageError that lists them for anything else. */
export function oneOf<Word extends string>(name: string, words: readonly Word[]): (text: string) => Word {
  return (text) => {
    const word = words.find((known) => known === text);
    if (word === undefined) throw expected(`one of ${words.join(", ")}`, name, text);
    return word;
  };
}
