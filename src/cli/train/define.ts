// The options of `thaw train` and its help.

import { type Command, Option } from "commander";
import { expected } from "../../core/errors.ts";
import { AUGMENTATIONS, BALANCES, MIXES, OPTIMIZERS, TRAINING_STAGES } from "../../recipe/names.ts";
import type { Finish } from "../shared/finish.ts";
import { decimal, duration, integer, list, oneOf } from "../shared/numbers.ts";
import { PROFILE_FILE } from "./profile.ts";
import type { TrainFlags } from "./run.ts";

const DESCRIPTION =
  "Trains a classifier on a folder of photographs, in stages: new last layers on activations computed once, the same on augmented " +
  "photographs, the whole network with lower rates for its early layers, and an average over augmented views. A stage that makes the " +
  "validation worse is not kept. Ctrl-C stops it, and the same command with --resume goes on, to the same bits.";

const EXAMPLES = `
Examples:
  thaw train photos
  thaw train photos --arch resnet34
    a better network; its weights are downloaded once ("thaw models" lists them)
  thaw train photos --arch resnet34.a1_in1k --out animals
    with weights that are not its first ones
  thaw train photos --onnx model.onnx
    a classifier of your own that was exported to ONNX
  thaw train photos --time 10m
  thaw train photos --resume
    goes on with a run that was stopped or killed
  thaw train photos --sizes 128,224
    all stages on small photographs first, then on larger ones
  thaw train photos --stages precompute,augment --epochs 7,5 --lr 0.01
  thaw train photos --recipe photos-model/recipe.json --out again
    repeats that run, to the same bits on the same machine
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

const STAGES = [...TRAINING_STAGES, "tta"] as const;

/** Adds `thaw train` to the program. */
export function defineTrain(program: Command, finish: Finish): void {
  program
    .command("train")
    .summary("train a classifier on a folder of photographs")
    .description(DESCRIPTION)
    .argument("<folder>", "photographs, one folder per class")
    .optionsGroup("The run:")
    .option("--out <folder>", "where the classifier is written (default: <folder>-model)")
    .option("--force", "replace a classifier that is already there")
    .option("--resume", "go on with the run that was stopped or killed")
    .option("--recipe <file>", "repeat the run that left this file, recipe.json in its classifier's folder; other options go before it")
    .option("--time <duration>", 'what the run may take, such as "10m": stages are shortened or left out', duration("--time"))
    .option("--checkpoint-seconds <n>", "how often the run is kept for --resume (default: 30)", decimal("--checkpoint-seconds", 0, 86_400))
    .option("--threads <n>", "threads to compute with (default: one per core)", integer("--threads", 1))
    .option("--cache <folder>", "where activations are kept between runs (default: .thaw/<name> beside the photographs)")
    .option("--offline", "download nothing: take weights from the cache")
    .option("--json", "print one JSON object per line")
    .option("--quiet", "print the result alone, and warnings")
    .option("--profile [file]", `write where the time went, for chrome://tracing or Perfetto (default: ${PROFILE_FILE})`)
    .optionsGroup("Labels from a table:")
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
    .optionsGroup("Choices, which thaw makes where they are left out:")
    .option(
      "--arch <names>",
      "the pretrained network; several are tried in turn (default: thaw_small, whose weights come with thaw)",
      list(String),
    )
    .addOption(
      new Option("--onnx <file>", "a classifier exported to ONNX, in place of a network that thaw knows")
        .argParser(onnxFile)
        .conflicts("arch"),
    )
    .option("--cut <name>", "the value or node of the ONNX file that the new head follows (default: the last before the old one)")
    .option(
      "--weights <files>",
      'its weights: a .safetensors file, a folder with one, a name from "thaw models", or hf:owner/repository/file@revision (default: its first)',
      list(String),
    )
    .option(
      "--sizes <pixels>",
      "width and height of the network's input, such as 128,224 for two rounds (default: its own)",
      list(integer("--sizes", 32, 1024)),
    )
    .addOption(new Option("--size <pixels>", "the same, for one").argParser(integer("--size", 32, 1024)).conflicts("sizes"))
    .option("--stages <names>", `of ${STAGES.join(",")} (default: all)`, list(oneOf("--stages", STAGES)))
    .option(
      "--epochs <n>",
      "for each stage that trains, such as 7,3,3; 1, 3, 7 and 15 go in cycles that double",
      list(integer("--epochs", 1, 10_000)),
    )
    .option("--lr <rates>", "of the head, for each stage that trains (default: the finder's)", list(decimal("--lr", 1e-8, 100)))
    .option("--lr-factor <n>", "how many times slower each earlier group of layers learns (default: 10)", decimal("--lr-factor", 1, 1e6))
    .option("--freeze-to <group>", "the first group of layers that unfreeze trains (default: 0, all)", integer("--freeze-to", -10, 10))
    .option("--bn-freeze", "batch norm keeps its statistics when all layers train (default: below 10,000 photographs)")
    .option("--no-bn-freeze", "it counts them anew")
    .option("--bs <n>", "photographs per batch (default: 64, fewer for few photographs)", integer("--bs", 2))
    .option(
      "--micro-batch <n>",
      "photographs of a batch that all layers train on at once, in less memory (default: 32 where batch norm keeps its statistics)",
      integer("--micro-batch", 2),
    )
    .option("--seed <n>", "the seed of all chance: the same seed repeats the run (default: 42)", integer("--seed", 0))
    .addOption(new Option("--augment <kind>", "how photographs are turned, lit and mirrored (default: side-on)").choices(AUGMENTATIONS))
    .option("--max-zoom <factor>", "zoom into photographs by up to this (default: 1.1)", decimal("--max-zoom", 1, 10))
    .addOption(
      new Option("--mix <kind>", "blend photographs of a batch, or paste parts of others into them (default: none)").choices(MIXES),
    )
    .option(
      "--views <n>",
      "augmented views of each photograph that augment computes activations of once and goes round (default: 0, new ones in each epoch)",
      integer("--views", 0, 64),
    )
    .addOption(
      new Option(
        "--balance <kind>",
        "of classes: as they are, shown equally often, or by weights in the loss (default: by their sizes)",
      ).choices(BALANCES),
    )
    .addOption(new Option("--optimizer <name>", "of the weights (default: sgd)").choices(OPTIMIZERS))
    .option("--wd <decay>", "weight decay (default: 0)", decimal("--wd", 0, 10))
    .option("--label-smoothing <share>", "of each label for all classes alike (default: 0)", decimal("--label-smoothing", 0, 0.99))
    .addOption(
      new Option("--precision <bits>", "of the frozen layers when they feed training; validation is in fp32 (default: auto)").choices([
        "auto",
        "fp32",
        "int8",
      ]),
    )
    .option("--tta <views>", "augmented views to average at the end (default: 4)", integer("--tta", 0, 64))
    .addHelpText("after", EXAMPLES)
    .action(async (folder: string, flags: TrainFlags) => finish(await (await import("./run.ts")).trainCommand(folder, flags)));
}

/** `path` if it is that of an ONNX file; throws a UsageError otherwise. */
function onnxFile(path: string): string {
  if (path.endsWith(".onnx")) return path;
  throw expected('a file whose name ends in ".onnx"', "--onnx", path);
}

/** The values of an option that may be repeated. */
function collected(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
