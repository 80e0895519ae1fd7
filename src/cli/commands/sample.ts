// `thaw sample`: draws pictures of cats and dogs to try thaw on, and says what to do with them.

import { INTERRUPTED, interruptible } from "../interrupt.ts";
import { progressFor } from "../progress.ts";
import { count, paintFor, printable, printLines, shellWord } from "../terminal.ts";

export interface SampleFlags {
  seed: number;
  count: number;
  force?: boolean;
}

/** Draws a sample into `folder` and returns the exit code: 0, or 130 after Ctrl-C. Failures are thrown. */
export async function sampleCommand(folder: string, flags: SampleFlags): Promise<number> {
  const { drawSample } = await import("../../data/sample/sample.ts");
  const progress = progressFor(process.stderr);
  const { signal, release } = interruptible(() => progress.clear());
  const paint = paintFor(process.stdout, process.env);
  try {
    const { classes, train, valid } = await drawSample({ ...flags, folder, signal, onProgress: (step) => progress.report(step) });
    printLines(process.stdout, [
      `Drew ${count(train)} pictures of ${classes.join(" and ")} to train on and ${count(valid)} to validate on, in ${paint.bold(printable(folder))}. Try them:`,
      "",
      `  thaw train ${shellWord(folder)}`,
    ]);
    return 0;
  } catch (error) {
    if (!signal.aborted) throw error;
    return INTERRUPTED;
  } finally {
    progress.clear();
    release();
  }
}
