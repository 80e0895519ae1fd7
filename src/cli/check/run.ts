// `thaw check`: checks a folder of photographs, says what is wrong and how to fix it, and changes nothing.

import { type PartFlags, partNames, partWords } from "../shared/photographs/parts.ts";
import { printable } from "../shared/printable.ts";
import { paintFor } from "../shared/terminal.ts";
import { runWork } from "../shared/work.ts";
import { checkLines } from "./lines.ts";

export interface CheckFlags extends PartFlags {
  cache?: string;
  json?: boolean;
}

/** Checks the photographs in `folder`; returns 0, 1 if they should be fixed first, or 130 after Ctrl-C. */
export async function checkCommand(folder: string, { cache, json = false, ...parts }: CheckFlags): Promise<number> {
  const [{ checkFolder }, { cacheFor, elsewhereWarning }] = await Promise.all([
    import("../../data/check/check.ts"),
    import("../../core/cache-folder.node.ts"),
  ]);
  const kept = cache ?? cacheFor(folder);
  return runWork([`Stopped. What was found is saved in ${printable(kept)}; run the same command again to continue.`], async (work) => {
    const elsewhere = cache === undefined ? elsewhereWarning(folder, kept) : undefined;
    if (elsewhere) work.onWarning?.(elsewhere);
    const report = await checkFolder(folder, {
      ...partNames(parts),
      cache: kept,
      ...work,
    });
    const exitCode = report.sound ? 0 : 1;
    if (json) return { json: [report], exitCode };
    return { lines: checkLines(report, [folder, ...partWords(parts)], paintFor(process.stdout, process.env)), exitCode };
  });
}
