// The options of `thaw sample` and its help.

import type { Command } from "commander";
import type { Finish } from "../shared/finish.ts";
import { helpText } from "../shared/help.ts";
import { integer } from "../shared/numbers.ts";
import type { SampleFlags } from "./run.ts";

const DESCRIPTION =
  "Draws a small set of pictures to try thaw on: cats and dogs of many looks in many places. The same seed draws the same pictures.";

const EXAMPLES = `
Examples:
  thaw sample pets
    pets/train/cats, pets/train/dogs, pets/valid/cats and pets/valid/dogs
  thaw sample pets --count 500 --seed 7

Exit codes: 0 done, 1 failed, 2 a mistake in the command, 130 stopped by
Ctrl-C.`;

/** Adds `thaw sample` to the program. */
export function defineSample(program: Command, finish: Finish): void {
  program
    .command("sample")
    .summary("draw pictures of cats and dogs to try thaw on")
    .description(DESCRIPTION)
    .argument("<folder>", "where to write the pictures; a new or empty folder")
    .option("--seed <n>", "the seed of all random numbers: the same seed draws the same pictures", integer("--seed", 0), 42)
    .option("--count <n>", "pictures of each class to train on; a third as many more to validate on", integer("--count", 1, 9999), 200)
    .option("--force", "draw into a folder that is not empty; an earlier sample in it is replaced, other files stay")
    .addHelpText("after", helpText(EXAMPLES))
    .action(async (folder: string, flags: SampleFlags) => finish(await (await import("./run.ts")).sampleCommand(folder, flags)));
}
