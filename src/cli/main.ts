#!/usr/bin/env node
// The command `thaw`. Exit codes: 0 done, 1 failed, 2 a mistake of the user's, 130 stopped by Ctrl-C, 141 the output's reader is gone.

import { restartWithOneArena } from "../core/allocator.node.ts";
import { buildProgram } from "./program.ts";
import { printError } from "./shared/error.ts";

/** The commands that decode photographs by the thousand. */
const LONG_WORK = ["studio", "check", "audit", "train", "work", "features", "serve", "evaluate"];

for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(141);
    throw error;
  });
}

const program = buildProgram((exitCode) => {
  process.exitCode = exitCode;
});
program.hook("preAction", (_program, command) => {
  if (LONG_WORK.includes(command.name())) restartWithOneArena();
});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = printError(error);
}
