// Ends a script as src/cli/main.ts ends the command.

import { UsageError } from "../../dist/core/errors.js";
import { systemError } from "../../dist/core/system-error.js";

export async function ending(work) {
  try {
    await work();
  } catch (error) {
    const mistake = error instanceof UsageError ? error : systemError(error);
    if (!mistake) throw error;
    process.stderr.write(`error: ${mistake.message}\nhint: ${mistake.hint}\n`);
    process.exitCode = 2;
  }
}
