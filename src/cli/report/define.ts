// The options of `thaw report` and its help.

import type { Command } from "commander";
import type { Finish } from "../shared/finish.ts";
import { helpText } from "../shared/help.ts";
import type { ReportFlags } from "./run.ts";

const EXAMPLES = `
Examples:
  thaw report photos-model
  thaw report photos-model --photos /media/photos
    if the photographs were moved after training
  thaw report photos-model --json | jq .stages

Exit codes: 0 done, 2 a mistake in the command, or a model without a record.`;

/** Adds `thaw report` to the program. */
export function defineReport(program: Command, finish: Finish): void {
  program
    .command("report")
    .summary("write the report of a run again")
    .description(
      "Writes report.html into the model's folder: one file that needs nothing else, with the stages and what each gained, curves, the " +
        "confusion matrix, and the most telling photographs with heat maps of where the network looked.",
    )
    .argument("<model>", "the folder that `thaw train` printed at its end")
    .option("--photos <folder>", "the photographs (default: where they were during training)")
    .option("--json", "print the report's numbers as one JSON object, and write no file")
    .addHelpText("after", helpText(EXAMPLES))
    .action(async (model: string, flags: ReportFlags) => finish(await (await import("./run.ts")).reportCommand(model, flags)));
}
