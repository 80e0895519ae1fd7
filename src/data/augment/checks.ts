// Checks of the numbers in transforms, before any image is read.

import { expected } from "../../core/errors.ts";

/** From and to, both included. */
export type Interval = readonly [from: number, to: number];

/** Throws a UsageError unless both ends lie from `low` to `high` in order. */
export function checkInterval(name: string, [from, to]: Interval, low: number, high: number): void {
  if (!(from >= low && to <= high && from <= to)) throw expected(`two numbers from ${low} to ${high}, the smaller first`, name, [from, to]);
}

/** Checks the fields of an augmentation of one kind; each check throws a UsageError that names field and kind. */
export class FieldChecks {
  readonly #kind: string;

  constructor(kind: string) {
    this.#kind = kind;
  }

  number(field: string, value: number, low: number, high: number): void {
    if (!(value >= low && value <= high)) throw this.error(`a number from ${low} to ${high}`, field, value);
  }

  integer(field: string, value: number, low: number, high: number): void {
    if (!(Number.isInteger(value) && value >= low && value <= high))
      throw this.error(`a whole number from ${low} to ${high}`, field, value);
  }

  interval(field: string, value: Interval, low: number, high: number): void {
    checkInterval(this.#nameOf(field), value, low, high);
  }

  probability(p: number): void {
    this.number("p", p, 0, 1);
  }

  /** The error for a field that is not `what`. */
  error(what: string, field: string, value: unknown): Error {
    return expected(what, this.#nameOf(field), value);
  }

  #nameOf(field: string): string {
    return `${field} of "${this.#kind}"`;
  }
}
