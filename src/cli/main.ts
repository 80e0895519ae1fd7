#!/usr/bin/env node
// The command `thaw`. Exit codes: 0 done, 1 failed, 2 a mistake of the user's, 130 stopped by Ctrl-C, 141 the output's reader is gone.

import { buildProgram } from "./program.ts";
import { printError } from "./shared/error.ts";

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
  process.exitCode = printError(error);
}
