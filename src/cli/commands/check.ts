// `thaw check`: looks through a folder of photographs, says what is wrong with it and what to do, and changes nothing.

import { checkLines } from "../check-lines.ts";
import { INTERRUPTED, interruptible } from "../interrupt.ts";
import { progressFor } from "../progress.ts";
import { paintFor, printable, printLines } from "../terminal.ts";
import { warningLines } from "../train-lines.ts";

export interface CheckFlags {
  train?: string;
  valid?: string;
  test?: string;
  cache?: string;
  json?: boolean;
}

/** Checks the photographs in `folder`; returns 0, 1 where they should be mended first, or 130 after Ctrl-C. */
export async function checkCommand(folder: string, { train, valid, test, cache, json = false }: CheckFlags): Promise<number> {
  const [{ checkFolder }, { cacheBeside }] = await Promise.all([import("../../data/check/check.ts"), import("../../core/cache-folder.ts")]);
  const progress = progressFor(process.stderr);
  const { signal, release } = interruptible(() => {
    progress.clear();
    printLines(process.stderr, [`Stopped. What was found is kept in ${printable(kept)}; run the same command again to go on.`]);
  });
  const kept = cache ?? cacheBeside(folder);
  try {
    const report = await checkFolder(folder, {
      ...(train === undefined ? {} : { trainName: train }),
      ...(valid === undefined ? {} : { validName: valid }),
      testName: test,
      cache: kept,
      signal,
      onProgress: (step) => progress.report(step),
      onWarning: (warning) => {
        progress.clear();
        printLines(process.stderr, warningLines(warning, paintFor(process.stderr, process.env)));
      },
    });
    progress.clear();
    const paint = paintFor(process.stdout, process.env);
    printLines(process.stdout, json ? [JSON.stringify(report)] : checkLines(report, folder, paint));
    return report.sound ? 0 : 1;
  } catch (error) {
    if (!signal.aborted) throw error;
    return INTERRUPTED;
  } finally {
    progress.clear();
    release();
  }
}
