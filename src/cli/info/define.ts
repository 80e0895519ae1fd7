// The options of `thaw info` and its help.

import type { Command } from "commander";
import type { Finish } from "../shared/finish.ts";
import { helpText } from "../shared/help.ts";
import type { InfoFlags } from "./run.ts";

const DESCRIPTION =
  "Describes a saved model: its classes and network, the size and preparation of its pictures, its files, and how it was trained " +
  "and calibrated. The model is checked as before predicting.";

const EXAMPLES = `
Examples:
  thaw info photos-model
  thaw info photos-model --json | jq .classes

Exit codes: 0 done, 2 no model, or a damaged one.`;

/** Adds `thaw info` to the program. */
export function defineInfo(program: Command, finish: Finish): void {
  program
    .command("info")
    .summary("describe a saved model")
    .description(DESCRIPTION)
    .argument("<model>", "the folder that thaw train wrote, or a zip of it")
    .option("--json", "print one JSON object")
    .addHelpText("after", helpText(EXAMPLES))
    .action(async (model: string, flags: InfoFlags) => finish(await (await import("./run.ts")).infoCommand(model, flags)));
}
