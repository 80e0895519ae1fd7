// `thaw resize`: copies a folder of photographs at a smaller size, which trains faster; what cannot be read is named and does not stop the
// rest.

import { paintFor, printable } from "../shared/terminal.ts";
import { runWork } from "../shared/work.ts";
import { resizeLines } from "./lines.ts";

export interface ResizeFlags {
  out?: string;
  train?: string;
  valid?: string;
  test?: string;
  json?: boolean;
}

/** Resizes the photographs in `folder`; returns 0, 1 if some could not be read, or 130 after Ctrl-C. */
export async function resizeCommand(folder: string, size: number, flags: ResizeFlags): Promise<number> {
  const { out = `${folder.replace(/[\\/]+$/, "")}-${size}`, train, valid, test, json = false } = flags;
  const { resizeFolder } = await import("../../data/resize/resize.ts");
  return runWork([`Stopped. The copies so far are in ${printable(out)}; run the same command again to continue.`], async (work) => {
    const summary = await resizeFolder(folder, size, out, {
      ...(train === undefined ? {} : { trainName: train }),
      ...(valid === undefined ? {} : { validName: valid }),
      testName: test,
      ...work,
    });
    const paint = paintFor(process.stdout, process.env);
    return {
      lines: json ? [JSON.stringify(summary)] : resizeLines(summary, size, out, paint),
      exitCode: summary.failed.length > 0 ? 1 : 0,
    };
  });
}
