// Ends a script as the command thaw ends.

import { printError } from "../../dist/cli/shared/error.js";

export async function ending(work) {
  try {
    await work();
  } catch (error) {
    process.exitCode = printError(error);
  }
}
