// How a command fails: a sentence with a cure for what a user can mend, a stack trace for a mistake in the program.

import { CommanderError } from "commander";
import { UsageError } from "../../core/errors.ts";
import { systemError } from "../../core/system-error.ts";
import { printable } from "./printable.ts";
import { paintFor, printLines } from "./terminal.ts";

/** Prints an error the way its kind asks for and returns the exit code. */
export function printError(error: unknown): number {
  const paint = paintFor(process.stderr, process.env);
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const mistake = error instanceof UsageError ? error : systemError(error);
  if (mistake) {
    printLines(process.stderr, [`${paint.red("error:")} ${printable(mistake.message)}`]);
    if (mistake.hint !== undefined) printLines(process.stderr, [`${paint.bold("hint:")} ${printable(mistake.hint)}`]);
    return 2;
  }
  printLines(process.stderr, (error instanceof Error ? (error.stack ?? error.message) : String(error)).split("\n"));
  return 1;
}
