// `thaw resize`: copies a folder of photographs at a smaller size, which trains faster; what cannot be read is named and does not stop the rest.

import { INTERRUPTED, interruptible } from "../interrupt.ts";
import { progressFor } from "../progress.ts";
import { resizeLines } from "../resize-lines.ts";
import { paintFor, printable, printLines } from "../terminal.ts";
import { warningLines } from "../train-lines.ts";

export interface ResizeFlags {
  out?: string;
  train?: string;
  valid?: string;
  test?: string;
  json?: boolean;
}

/** Resizes the photographs in `folder`; returns 0, 1 where some could not be read, or 130 after Ctrl-C. */
export async function resizeCommand(folder: string, size: number, flags: ResizeFlags): Promise<number> {
  const { out = `${folder.replace(/[\\/]+$/, "")}-${size}`, train, valid, test, json = false } = flags;
  const { resizeFolder } = await import("../../data/resize.ts");
  const progress = progressFor(process.stderr);
  const { signal, release } = interruptible(() => {
    progress.clear();
    printLines(process.stderr, [`Stopped. The copies so far are in ${printable(out)}; run the same command again to go on.`]);
  });
  try {
    const summary = await resizeFolder(folder, size, out, {
      ...(train === undefined ? {} : { trainName: train }),
      ...(valid === undefined ? {} : { validName: valid }),
      testName: test,
      signal,
      onProgress: (step) => progress.report(step),
      onWarning: (warning) => {
        progress.clear();
        printLines(process.stderr, warningLines(warning, paintFor(process.stderr, process.env)));
      },
    });
    progress.clear();
    const paint = paintFor(process.stdout, process.env);
    printLines(process.stdout, json ? [JSON.stringify(summary)] : resizeLines(summary, size, out, paint));
    return summary.failed.length > 0 ? 1 : 0;
  } catch (error) {
    if (!signal.aborted) throw error;
    return INTERRUPTED;
  } finally {
    progress.clear();
    release();
  }
}
