// `thaw check`: checks a folder of photographs, says what is wrong and how to fix it, and changes nothing.

import { paintFor, printable } from "../shared/terminal.ts";
import { runWork } from "../shared/work.ts";
import { checkLines } from "./lines.ts";

export interface CheckFlags {
  train?: string;
  valid?: string;
  test?: string;
  cache?: string;
  json?: boolean;
}

/** Checks the photographs in `folder`; returns 0, 1 if they should be fixed first, or 130 after Ctrl-C. */
export async function checkCommand(folder: string, { train, valid, test, cache, json = false }: CheckFlags): Promise<number> {
  const [{ checkFolder }, { cacheBeside }] = await Promise.all([
    import("../../data/check/check.ts"),
    import("../../core/cache-folder.node.ts"),
  ]);
  const kept = cache ?? cacheBeside(folder);
  return runWork([`Stopped. What was found is saved in ${printable(kept)}; run the same command again to continue.`], async (work) => {
    const report = await checkFolder(folder, {
      ...(train === undefined ? {} : { trainName: train }),
      ...(valid === undefined ? {} : { validName: valid }),
      testName: test,
      cache: kept,
      ...work,
    });
    const paint = paintFor(process.stdout, process.env);
    return { lines: json ? [JSON.stringify(report)] : checkLines(report, folder, paint), exitCode: report.sound ? 0 : 1 };
  });
}
