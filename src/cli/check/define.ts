// The options of `thaw check` and its help.

import type { Command } from "commander";
import type { Finish } from "../shared/finish.ts";
import { helpText } from "../shared/help.ts";
import { addParts } from "../shared/photographs/parts.ts";
import type { CheckFlags } from "./run.ts";

const DESCRIPTION =
  "Checks a folder of photographs before training: images per class, files that cannot be read or are of another " +
  "kind than their name says, copies (also scaled, saved again, in other light or mirrored) across training and validation or under " +
  "different classes, and odd sizes. It changes and deletes nothing. Ctrl-C stops it, and the same command continues.";

const EXAMPLES = `
Examples:
  thaw check photos
  thaw check photos --json | jq '.copies[] | select(.leak)'

The folders are laid out as for "thaw train". Exit codes: 0 sound (oddities may
be listed), 1 to be fixed first: files that cannot be read, copies that inflate
results or contradict each other; 2 a mistake in the command or the layout,
130 stopped by Ctrl-C.`;

/** Adds `thaw check` to the program. */
export function defineCheck(program: Command, finish: Finish): void {
  const command = program
    .command("check")
    .summary("look for mistakes in a folder of photographs")
    .description(DESCRIPTION)
    .argument("<folder>", "photographs, one folder per class");
  addParts(command, true)
    .option("--cache <folder>", "where to save what was found (default: .thaw/<name> beside the photographs)")
    .option("--json", "print one JSON object")
    .addHelpText("after", helpText(EXAMPLES))
    .action(async (folder: string, flags: CheckFlags) => finish(await (await import("./run.ts")).checkCommand(folder, flags)));
}
