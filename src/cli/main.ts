#!/usr/bin/env node
// The command `thaw`. Exit codes: 0 done, 1 failed, 2 a mistake of the user's, 130 stopped by Ctrl-C, 141 the output's reader is gone.

import { CommanderError } from "commander";
import { UsageError } from "../core/errors.ts";
import { systemError } from "../core/system-error.ts";
import { buildProgram } from "./program.ts";
import { printable } from "./shared/printable.ts";
import { paintFor, printLines } from "./shared/terminal.ts";

for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(141);
    throw error;
  });
}

try {
  await buildProgram((exitCode) => {
    process.exitCode = exitCode;
  }).parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** Prints an error the way its kind asks for and returns the exit code. */
function report(error: unknown): number {
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
