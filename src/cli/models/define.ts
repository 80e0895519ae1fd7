// The options of `thaw models` and its help.

import { type Command, Option } from "commander";
import type { Finish } from "../shared/finish.ts";
import { helpText } from "../shared/help.ts";
import { integer } from "../shared/numbers.ts";
import { SORTS } from "./columns.ts";
import type { ModelsFlags } from "./run.ts";

const DESCRIPTION =
  'Lists the pretrained weights that "thaw train --arch" and "--weights" know. Words narrow the list to the rows that hold all of them, in ' +
  "the weights' name, the network's, the licence, or what they were trained on. The first row of a network is used if none is named.";

const EXAMPLES = `
Examples:
  thaw models
  thaw models resnet apache
  thaw models --sort top1 --json
  thaw models mobilenet efficientnet_b0 --measure
    how fast they are on this machine; words with --measure name networks
  thaw models --measure --here
    of all networks whose weights are on this machine

"top-1" is the published accuracy on ImageNet in percent, "size" the side of the
images in pixels that it was measured with. With --measure weights are random,
which does not change the speed. Exit codes: 0 done, 1 failed, 2 a mistake in
the command, 130 stopped by Ctrl-C.`;

/** Adds `thaw models` to the program. */
export function defineModels(program: Command, finish: Finish): void {
  program
    .command("models")
    .summary("list the pretrained networks, and measure them")
    .description(DESCRIPTION)
    .argument("[words...]", "what rows must hold")
    .addOption(new Option("--sort <column>", "the order of the rows; numbers fall (default: by family)").choices(SORTS))
    .option("--here", "only weights that are on this machine")
    .option("--measure", "measure images per second, frozen and in training, and memory; sorted by accuracy per second")
    .option("--size <n>", "with --measure: side of the images in pixels (default: the network's own)", integer("--size", 32, 1024))
    .option("--bs <n>", "with --measure: images per batch", integer("--bs", 2), 16)
    .option("--threads <n>", "with --measure: threads to compute with (default: one per core)", integer("--threads", 1))
    .option("--json", "print one JSON object per line")
    .addHelpText("after", helpText(EXAMPLES))
    .action(async (words: string[], flags: ModelsFlags) => finish(await (await import("./run.ts")).modelsCommand(words, flags)));
}
