// The options of `thaw train` and its help.

import { type Command, Option } from "commander";
import type { TrainFlags } from "../commands/train.ts";
import { integer } from "../numbers.ts";
import { PROFILE_FILE } from "../profile.ts";
import type { Finish } from "./finish.ts";

const DESCRIPTION =
  "Trains a classifier on a folder of photographs, in stages: new last layers on activations computed once, the same on augmented " +
  "photographs, the whole network with lower rates for its early layers, and an average over augmented views. A stage that makes the " +
  "validation worse is not kept. Ctrl-C stops it, and the same command goes on from what was computed.";

const EXAMPLES = `
Examples:
  thaw train photos
  thaw train photos --arch resnet34
    a better network; its weights are downloaded once ("thaw models" lists them)
  thaw train photos --arch resnet34 --weights resnet34.a1_in1k --out animals
  thaw train photos --size 160 --bs 32
  thaw train photos --json > run.jsonl
  thaw train photos --csv labels.csv --suffix .jpg
    labels.csv: the first column names the photographs, the second holds their
    labels; several in a cell, as "sunny beach", make it learn several
  thaw train faces --csv ages.csv --continuous --label-column age
    numbers instead of classes

Photographs lie in <folder>/train/<class>/ and <folder>/valid/<class>/, or in
<folder>/<class>/, of which a fifth is held out for validation; with --csv, as
the table names them, and a fifth of its rows is held out.
Exit codes: 0 done, 1 failed, 2 a mistake in the command or the photographs,
130 stopped by Ctrl-C.`;

/** Adds `thaw train` to the program. */
export function defineTrain(program: Command, finish: Finish): void {
  program
    .command("train")
    .summary("train a classifier on a folder of photographs")
    .description(DESCRIPTION)
    .argument("<folder>", "photographs, one folder per class")
    .option("--arch <name>", "the pretrained network (default: thaw_small, whose weights come with thaw)")
    .option(
      "--weights <file>",
      'its weights: a .safetensors file, a folder with one, a name from "thaw models", or hf:owner/repository/file@revision (default: its first)',
    )
    .option("--offline", "download nothing: take weights from the cache")
    .option("--csv <file>", "a table of names and labels, where there are no folders of classes; looked for here, then in <folder>")
    .option(
      "--label-column <name>",
      "the column with the labels; may be repeated (default: the second, or all for --continuous)",
      collected,
    )
    .option("--suffix <text>", 'what makes a name of the table a file name, such as ".jpg"')
    .option("--labels-separator <text>", 'what separates the labels in a cell; "" makes each cell one label (default: a space)')
    .option("--separator <character>", "what separates the cells of the table (default: a comma, in .tsv a tab)")
    .option("--no-header", "the table's first row is a photograph, and not the columns' names")
    .option("--continuous", "the labels are numbers to predict, and not classes")
    .option("--multi-label", "a photograph may have several labels or none, also where the table has no cell with several")
    .option("--seed <n>", "the seed of all chance: the same seed repeats the run", integer("--seed", 0), 42)
    .option("--bs <n>", "photographs per batch", integer("--bs", 2), 64)
    .option(
      "--size <n>",
      "width and height of the network's input in pixels, 32 to 1024 (default: the network's own)",
      integer("--size", 32, 1024),
    )
    .option("--threads <n>", "threads to compute with (default: one per core)", integer("--threads", 1))
    .addOption(
      new Option("--precision <bits>", "of the frozen layers when they feed training; validation is always in fp32")
        .choices(["auto", "fp32", "int8"])
        .default("auto"),
    )
    .option("--cache <folder>", "where activations are kept between runs (default: .thaw/<name> beside the photographs)")
    .option("--out <folder>", "where the classifier is written (default: <folder>-model)")
    .option("--force", "replace a classifier that is already there")
    .option("--json", "print one JSON object per line")
    .option("--profile [file]", `write where the time went, for chrome://tracing or Perfetto (default: ${PROFILE_FILE})`)
    .addHelpText("after", EXAMPLES)
    .action(async (folder: string, flags: TrainFlags) => finish(await (await import("../commands/train.ts")).trainCommand(folder, flags)));
}

/** The values of an option that may be repeated. */
function collected(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
