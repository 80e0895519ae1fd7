// What commands that process a folder share: progress, warnings, and Ctrl-C, which stops at the next safe point.

import type { WorkOptions } from "../../core/progress.ts";
import { INTERRUPTED, interruptible } from "./interrupt.ts";
import { jsonLine } from "./printable.ts";
import { progressFor } from "./progress.ts";
import { paintFor, printLines, printRows } from "./terminal.ts";
import { warningLines } from "./warning.ts";

/** The result of a command: the lines for standard output, or, for programs, the values that are printed there as lines of JSON; and the exit code. */
export interface WorkResult {
  readonly lines?: readonly string[];
  readonly json?: readonly unknown[];
  readonly exitCode: number;
}

/** Runs `work`, prints its result and returns the exit code, 130 after Ctrl-C, at which `stopped` is printed. Other failures are thrown. */
export async function runWork(stopped: readonly string[], work: (options: WorkOptions) => Promise<WorkResult>): Promise<number> {
  const progress = progressFor(process.stderr);
  const say = (lines: readonly string[]): void => {
    progress.clear();
    printLines(process.stderr, lines);
  };
  const { signal, release } = interruptible(() => say(stopped));
  try {
    const {
      lines = [],
      json = [],
      exitCode,
    } = await work({
      signal,
      onProgress: (step) => progress.report(step),
      onWarning: (warning) => say(warningLines(warning, paintFor(process.stderr, process.env))),
    });
    progress.clear();
    printLines(process.stdout, lines);
    printRows(
      process.stdout,
      json.map((value) => jsonLine(value)),
    );
    return exitCode;
  } catch (error) {
    if (!signal.aborted) throw error;
    return INTERRUPTED;
  } finally {
    progress.clear();
    release();
  }
}
