// `thaw report`: writes the page about a run again, from the record in the model's folder.

import { shownPath } from "../../core/shown-path.node.ts";
import { jsonLine, printable } from "../shared/printable.ts";
import { printRows } from "../shared/terminal.ts";
import { runWork } from "../shared/work.ts";

export interface ReportFlags {
  photos?: string;
  json?: boolean;
}

/**
 * Writes the report of the model in the folder `model`, or prints its numbers; returns 0. Throws a UsageError for a model without a record.
 */
export async function reportCommand(model: string, { photos, json = false }: ReportFlags): Promise<number> {
  const { readReport, writeReport } = await import("../../recipe/record/report.ts");
  if (json) {
    const content = await readReport(model);
    const { predictions } = content;
    const plain = { ...predictions, targets: [...predictions.targets], probabilities: [...predictions.probabilities] };
    printRows(process.stdout, [jsonLine({ ...content, predictions: plain })]);
    return 0;
  }
  return runWork([], async (work) => ({
    lines: [`The report is in ${printable(shownPath(await writeReport(model, photos, work)))}`],
    exitCode: 0,
  }));
}
