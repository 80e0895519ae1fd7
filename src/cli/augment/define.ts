// The options of `thaw augment` and its help.

import type { Command } from "commander";
import type { Finish } from "../shared/finish.ts";
import { helpText } from "../shared/help.ts";
import { integer } from "../shared/numbers.ts";
import type { AugmentFlags } from "./run.ts";

const DESCRIPTION =
  "Draws a contact sheet of what each transform does to a photograph: one row for each, labelled with the code that makes it, with several " +
  "random draws side by side. Each is applied always, and strongly enough to be seen; the presets at the end are as training uses them.";

const EXAMPLES = `
Examples:
  thaw augment dog.jpg
    a sheet in dog-augmented.png
  thaw augment dog.jpg --out sheet.png --size 224 --columns 4 --seed 7

Exit codes: 0 done, 1 failed, 2 a mistake in the command or in the photograph.`;

/** Adds `thaw augment` to the program. */
export function defineAugment(program: Command, finish: Finish): void {
  program
    .command("augment")
    .summary("show what each transform does to a photograph")
    .description(DESCRIPTION)
    .argument("<photo>", "a photograph")
    .option("--out <file>", "the sheet, a PNG (default: <photo>-augmented.png in the current folder)")
    .option("--size <n>", "width and height of each picture in pixels", integer("--size", 16, 512), 160)
    .option("--columns <n>", "random draws of each transform", integer("--columns", 1, 24), 6)
    .option("--seed <n>", "random seed: the same seed draws the same sheet", integer("--seed", 0), 42)
    .addHelpText("after", helpText(EXAMPLES))
    .action(async (photo: string, flags: AugmentFlags) => finish(await (await import("./run.ts")).augmentCommand(photo, flags)));
}
