// How a warning looks on standard error.

import { printable } from "./printable.ts";
import type { Paint } from "./terminal.ts";

/** The lines of a warning and its hint, for standard error. */
export function warningLines(warning: { readonly message: string; readonly hint?: string | undefined }, paint: Paint): string[] {
  const lines = [`${paint.yellow("warning:")} ${printable(warning.message)}`];
  return warning.hint ? [...lines, `${paint.dim("hint:")} ${printable(warning.hint)}`] : lines;
}
