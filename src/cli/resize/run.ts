// `thaw resize`: copies a folder of photographs at a smaller size, which trains faster; what cannot be read is named and does not stop the
// rest.

import { type PartFlags, partNames } from "../shared/photographs/parts.ts";
import { printable } from "../shared/printable.ts";
import { paintFor } from "../shared/terminal.ts";
import { runWork } from "../shared/work.ts";
import { resizeLines } from "./lines.ts";

export interface ResizeFlags extends PartFlags {
  out?: string;
  json?: boolean;
}

/** Resizes the photographs in `folder`; returns 0, 1 if some could not be read, or 130 after Ctrl-C. */
export async function resizeCommand(folder: string, size: number, flags: ResizeFlags): Promise<number> {
  const { out = `${folder.replace(/[\\/]+$/, "")}-${size}`, json = false, ...parts } = flags;
  const { resizeFolder } = await import("../../data/resize/resize.ts");
  return runWork([`Stopped. The copies so far are in ${printable(out)}; run the same command again to continue.`], async (work) => {
    const summary = await resizeFolder(folder, size, out, {
      ...partNames(parts),
      ...work,
    });
    const exitCode = summary.failed.length > 0 ? 1 : 0;
    return json
      ? { json: [summary], exitCode }
      : { lines: resizeLines(summary, size, out, paintFor(process.stdout, process.env)), exitCode };
  });
}
