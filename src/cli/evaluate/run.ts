// `thaw evaluate`: how good a model is on photographs whose classes are known.

import { paintFor } from "../shared/terminal.ts";
import { runWork } from "../shared/work.ts";
import { evaluationLines } from "./lines.ts";

export interface EvaluateFlags {
  part?: string;
  csv?: string;
  labelColumn?: readonly string[];
  suffix?: string;
  labelsSeparator?: string;
  separator?: string;
  /** True with --header, false with --no-header. */
  header?: boolean;
  threads?: number;
  json?: boolean;
}

/** Measures the model in the folder `model` on `folder`; returns 0, 1 if a photograph could not be read, or 130 after Ctrl-C. */
export async function evaluateCommand(model: string, folder: string, flags: EvaluateFlags): Promise<number> {
  const { part, csv, labelColumn, suffix, labelsSeparator, separator, header, threads, json = false } = flags;
  return runWork([], async (work) => {
    const [{ loadModel }, { labelledItems }, { evaluateModel }] = await Promise.all([
      import("../../classifier/classifier.ts"),
      import("../../interpret/labelled.ts"),
      import("../../interpret/evaluate-model.ts"),
    ]);
    const loaded = await loadModel(model, { ...(threads !== undefined && { threads }) });
    try {
      const columns = { suffix, labelColumns: labelColumn, catSeparator: labelsSeparator, separator, skipHeader: header };
      const items = await labelledItems(loaded, folder, { part, csv, ...columns, onWarning: work.onWarning });
      const result = await evaluateModel(loaded, items, work);
      const exitCode = result.failed.length > 0 ? 1 : 0;
      if (json) return { json: [{ model, folder, ...result }], exitCode };
      return { lines: evaluationLines(result, paintFor(process.stdout, process.env)), exitCode };
    } finally {
      await loaded.dispose();
    }
  });
}
