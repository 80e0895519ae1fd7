// The options of `thaw features` and its help.

import type { Command } from "commander";
import type { Finish } from "../shared/finish.ts";
import { helpText } from "../shared/help.ts";
import { integer } from "../shared/numbers.ts";
import { addParts } from "../shared/photographs/parts.ts";
import type { FeaturesFlags } from "./run.ts";

const DESCRIPTION =
  'Computes what the frozen layers of a network make of photographs, which is what a run of "thaw train" computes first, and stores it ' +
  "where that run finds it. Several processes may compute a share each, on one machine or many.";

const EXAMPLES = `
Examples:
  thaw features photos --arch resnet34 --out features
  thaw train photos --arch resnet34 --cache features
    computes none of them again
  thaw features s3://photos/pets --arch resnet34 --shard 2/3 --out s3://results/features

The run must have the same photographs, network, size, seed and precision. A
share is written chunk by chunk; the same command again goes on where it stopped,
and what no process computed is computed by the run.

Exit codes: 0 done, 2 a mistake in the command or the photographs, 75 the disk or the
object store failed and the same command may succeed later, 130 stopped by Ctrl-C.`;

/** Adds `thaw features` to the program. */
export function defineFeatures(program: Command, finish: Finish): void {
  const command = program
    .command("features")
    .summary("compute what training reads, on one machine or many")
    .description(DESCRIPTION)
    .argument("<folder>", "photographs, one folder per class; or their address, s3://bucket/prefix")
    .requiredOption("--out <folder>", "where to store it, a folder or s3://bucket/prefix: the --cache of thaw train")
    .option("--shard <n/all>", 'only this share, such as 2/3; "auto" asks Slurm, AWS Batch or Kubernetes')
    .option("--arch <name>", 'the network ("thaw models" lists them; default: as thaw train chooses)')
    .option("--weights <file>", "its weights, where they are not the published ones")
    .option("--size <n>", "pixels on a side", integer("--size", 1))
    .option("--seed <n>", "seed of the split", integer("--seed", 0))
    .option("--precision <name>", "auto, fp32 or int8: that of the run")
    .option("--threads <n>", "threads to compute with (default: one per core)", integer("--threads", 1))
    .option("--offline", "download nothing: take weights from the cache")
    .option("--json", "print the result as JSON");
  addParts(command, false)
    .addHelpText("after", helpText(EXAMPLES))
    .action(async (folder: string, flags: FeaturesFlags) => finish(await (await import("./run.ts")).featuresCommand(folder, flags)));
}
