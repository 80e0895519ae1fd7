// `thaw sample`: draws pictures of cats and dogs to try thaw on, and says what to do with them.

import { nextCommand } from "../shared/next-command.ts";
import { printable } from "../shared/printable.ts";
import { count, paintFor } from "../shared/terminal.ts";
import { runWork } from "../shared/work.ts";

export interface SampleFlags {
  seed: number;
  count: number;
  force?: boolean;
}

/** Draws a sample into `folder` and returns the exit code: 0, or 130 after Ctrl-C. Failures are thrown. */
export async function sampleCommand(folder: string, flags: SampleFlags): Promise<number> {
  const { drawSample } = await import("../../sample/sample.node.ts");
  return runWork([], async (work) => {
    const { classes, train, valid } = await drawSample({ ...flags, folder, ...work });
    const paint = paintFor(process.stdout, process.env);
    const lines = [
      `Drew ${count(train)} pictures of ${classes.join(" and ")} to train on and ${count(valid)} to validate on, in ` +
        `${paint.bold(printable(folder))}. Try them:`,
      "",
      `  ${nextCommand("train", folder)}`,
    ];
    return { lines, exitCode: 0 };
  });
}
