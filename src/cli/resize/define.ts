// The options of `thaw resize` and its help.

import type { Command } from "commander";
import type { Finish } from "../shared/finish.ts";
import { helpText } from "../shared/help.ts";
import { integer } from "../shared/numbers.ts";
import { addParts } from "../shared/photographs/parts.ts";
import type { ResizeFlags } from "./run.ts";

const DESCRIPTION =
  "Copies a folder of photographs, each scaled so that its smaller side has this many pixels; training and checking read them many " +
  "times faster. Names and folders stay the same, smaller images stay as they are, and the originals are not touched. A copy " +
  "gets the time at which its original was changed, and is kept while both have the same, so the same command continues after it was " +
  "stopped. If a photograph is replaced by another one with the same time, delete its copy.";

const EXAMPLES = `
Examples:
  thaw resize photos 300
    copies in photos-300, good for training at sizes up to about 256
  thaw resize photos 128 --out /tmp/small

Exit codes: 0 done, 1 some files could not be read (the others are copied), 2 a
mistake in the command or the layout, 130 stopped by Ctrl-C.`;

/** Adds `thaw resize` to the program. */
export function defineResize(program: Command, finish: Finish): void {
  const command = program
    .command("resize")
    .summary("copy a folder of photographs at a smaller size")
    .description(DESCRIPTION)
    .argument("<folder>", "photographs, one folder per class")
    .argument("<size>", "pixels of the smaller side", integer("<size>", 1, 65_535))
    .option("--out <folder>", "where to write the copies (default: <folder>-<size>)");
  addParts(command, true)
    .option("--json", "print one JSON object")
    .addHelpText("after", helpText(EXAMPLES))
    .action(async (folder: string, size: number, flags: ResizeFlags) =>
      finish(await (await import("./run.ts")).resizeCommand(folder, size, flags)),
    );
}
