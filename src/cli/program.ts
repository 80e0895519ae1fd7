// The commands, their options and their help: what `thaw --help` teaches. Nothing heavy is imported before a command runs.

import { readFileSync } from "node:fs";
import { Command, Option } from "commander";
import type { AugmentFlags } from "./commands/augment.ts";
import type { CheckFlags } from "./commands/check.ts";
import type { PredictFlags } from "./commands/predict.ts";
import type { ResizeFlags } from "./commands/resize.ts";
import type { SampleFlags } from "./commands/sample.ts";
import type { TrainFlags } from "./commands/train.ts";
import { integer } from "./numbers.ts";
import { PROFILE_FILE } from "./profile.ts";

const DESCRIPTION =
  "Teaches a pretrained network your own classes. Give it a folder with one folder of photographs per class: it finds the learning rates, " +
  "trains new last layers, then the whole network, and leaves a classifier in a folder, for this command and for your programs.";

const EXAMPLES = `
Examples:
  thaw sample pets
    draws pictures of cats and dogs to try thaw on
  thaw check photos
    what is broken, there twice or in the wrong place; changes nothing
  thaw train photos
    photos/train/<class>/ and photos/valid/<class>/, or photos/<class>/, of
    which a fifth is held out; leaves the classifier in photos-model
  thaw predict photos-model dog.jpg
    the class of one photograph
  thaw predict photos-model album/ --json
    of all photographs in a folder, one JSON object per line

"thaw <command> --help" tells more.`;

const TRAIN_DESCRIPTION =
  "Trains a classifier on a folder of photographs, in stages: new last layers on activations computed once, the same on augmented " +
  "photographs, the whole network with lower rates for its early layers, and an average over augmented views. A stage that makes the " +
  "validation worse is not kept. Ctrl-C stops it, and the same command goes on from what was computed.";

const TRAIN_EXAMPLES = `
Examples:
  thaw train photos
  thaw train photos --arch resnet34 --weights resnet34.safetensors --out animals
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

const PREDICT_DESCRIPTION =
  'Names the class of photographs with a classifier that "thaw train" made. A folder stands for all images in it and in the folders below.';

const PREDICT_EXAMPLES = `
Examples:
  thaw predict photos-model dog.jpg
  thaw predict photos-model album/ garden/*.jpg
  thaw predict photos-model album/ --json > predictions.jsonl

A model of several labels lists those that reach its threshold; one of numbers
prints a column for each.

Exit codes: 0 done, 1 a file could not be read (the others are predicted), 2 a
mistake in the command, 130 stopped by Ctrl-C.`;

const SAMPLE_DESCRIPTION =
  "Draws a small set of pictures to try thaw on: cats and dogs of many looks in many places. The same seed draws the same pictures.";

const SAMPLE_EXAMPLES = `
Examples:
  thaw sample pets
    pets/train/cats, pets/train/dogs, pets/valid/cats and pets/valid/dogs
  thaw sample pets --count 500 --seed 7

Exit codes: 0 done, 1 failed, 2 a mistake in the command, 130 stopped by
Ctrl-C.`;

const CHECK_DESCRIPTION =
  "Looks through a folder of photographs before anything is trained on it: images per class, files that cannot be read or are of another " +
  "kind than their name says, copies (also scaled, saved again, lit otherwise or mirrored) across training and validation or under " +
  "different classes, and odd sizes. It changes and deletes nothing. Ctrl-C stops it, and the same command goes on.";

const CHECK_EXAMPLES = `
Examples:
  thaw check photos
  thaw check photos --json | jq '.copies[] | select(.leak)'

Photographs lie as for "thaw train". Exit codes: 0 sound (oddities may be
listed), 1 to be mended first: files that cannot be read, copies that flatter
or contradict; 2 a mistake in the command or the layout, 130 stopped by Ctrl-C.`;

const RESIZE_DESCRIPTION =
  "Copies a folder of photographs with the smaller side of each at so many pixels, which training and checking read many times faster. " +
  "Names and folders stay the same, smaller images stay as they are, and the originals are not touched. Copies that are there already " +
  "are kept, so the same command goes on where it was stopped.";

const RESIZE_EXAMPLES = `
Examples:
  thaw resize photos 300
    copies in photos-300, good for training at sizes up to about 256
  thaw resize photos 128 --out /tmp/small

Exit codes: 0 done, 1 some files could not be read (the others are copied), 2 a
mistake in the command or the layout, 130 stopped by Ctrl-C.`;

const AUGMENT_DESCRIPTION =
  "Draws a contact sheet of what each transform does to a photograph: one row for each, under the name that it has in a program, with several " +
  "draws of chance beside one another. Each happens always and strongly, to be seen; the presets at the end are as training uses them.";

const AUGMENT_EXAMPLES = `
Examples:
  thaw augment dog.jpg
    a sheet in dog-augmented.png
  thaw augment dog.jpg --out sheet.png --size 224 --columns 4 --seed 7

Exit codes: 0 done, 1 failed, 2 a mistake in the command or the photograph.`;

/** The program; `finish` takes the exit code of the command that ran. Parsing throws CommanderError or UsageError. */
export function buildProgram(finish: (exitCode: number) => void): Command {
  const program = new Command("thaw")
    .description(DESCRIPTION)
    .version(version(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand(false)
    .addHelpText("after", EXAMPLES)
    .configureOutput({ outputError: (text, write) => write(withHint(text)) })
    .exitOverride();

  program
    .command("check")
    .summary("look for mistakes in a folder of photographs")
    .description(CHECK_DESCRIPTION)
    .argument("<folder>", "photographs, one folder per class")
    .option("--train <name>", "the folder of training images in it (default: train)")
    .option("--valid <name>", "the folder of validation images in it (default: valid)")
    .option("--test <name>", "a folder of test images in it (default: none)")
    .option("--cache <folder>", "where what was found is kept (default: .thaw/<name> beside the photographs)")
    .option("--json", "print one JSON object")
    .addHelpText("after", CHECK_EXAMPLES)
    .action(async (folder: string, flags: CheckFlags) => finish(await (await import("./commands/check.ts")).checkCommand(folder, flags)));

  program
    .command("train")
    .summary("train a classifier on a folder of photographs")
    .description(TRAIN_DESCRIPTION)
    .argument("<folder>", "photographs, one folder per class")
    .option("--arch <name>", "the pretrained network (default: thaw_small, whose weights come with thaw)")
    .option("--weights <file>", "the pretrained weights of another network, a .safetensors file")
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
    .addHelpText("after", TRAIN_EXAMPLES)
    .action(async (folder: string, flags: TrainFlags) => finish(await (await import("./commands/train.ts")).trainCommand(folder, flags)));

  program
    .command("predict")
    .summary("name the class of photographs")
    .description(PREDICT_DESCRIPTION)
    .argument("<model>", "the folder that thaw train wrote")
    .argument("<files...>", "photographs, or folders of them")
    .option("--threads <n>", "threads to compute with (default: one per core)", integer("--threads", 1))
    .option("--json", "print one JSON object per line")
    .addHelpText("after", PREDICT_EXAMPLES)
    .action(async (model: string, files: string[], flags: PredictFlags) =>
      finish(await (await import("./commands/predict.ts")).predictCommand(model, files, flags)),
    );

  program
    .command("resize")
    .summary("copy a folder of photographs at a smaller size")
    .description(RESIZE_DESCRIPTION)
    .argument("<folder>", "photographs, one folder per class")
    .argument("<size>", "pixels of the smaller side", integer("<size>", 1, 65_535))
    .option("--out <folder>", "where the copies are written (default: <folder>-<size>)")
    .option("--train <name>", "the folder of training images (default: train)")
    .option("--valid <name>", "the folder of validation images (default: valid)")
    .option("--test <name>", "a folder of test images (default: none)")
    .option("--json", "print one JSON object")
    .addHelpText("after", RESIZE_EXAMPLES)
    .action(async (folder: string, size: number, flags: ResizeFlags) =>
      finish(await (await import("./commands/resize.ts")).resizeCommand(folder, size, flags)),
    );

  program
    .command("augment")
    .summary("show what each transform does to a photograph")
    .description(AUGMENT_DESCRIPTION)
    .argument("<photo>", "a photograph")
    .option("--out <file>", "the sheet, a PNG (default: <photo>-augmented.png in the current folder)")
    .option("--size <n>", "width and height of each picture in pixels", integer("--size", 16, 512), 160)
    .option("--columns <n>", "draws of each transform", integer("--columns", 1, 24), 6)
    .option("--seed <n>", "the seed of all chance: the same seed draws the same sheet", integer("--seed", 0), 42)
    .addHelpText("after", AUGMENT_EXAMPLES)
    .action(async (photo: string, flags: AugmentFlags) =>
      finish(await (await import("./commands/augment.ts")).augmentCommand(photo, flags)),
    );

  program
    .command("sample")
    .summary("draw pictures of cats and dogs to try thaw on")
    .description(SAMPLE_DESCRIPTION)
    .argument("<folder>", "where the pictures are written; a new folder, or an empty one")
    .option("--seed <n>", "the seed of all chance: the same seed draws the same pictures", integer("--seed", 0), 42)
    .option("--count <n>", "pictures of each class to train on; a third as many more to validate on", integer("--count", 1, 9999), 200)
    .option("--force", "draw into a folder that is not empty; an earlier sample in it is replaced, other files stay")
    .addHelpText("after", SAMPLE_EXAMPLES)
    .action(async (folder: string, flags: SampleFlags) =>
      finish(await (await import("./commands/sample.ts")).sampleCommand(folder, flags)),
    );

  return program;
}

/** The values of an option that may be repeated. */
function collected(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** commander's message with its suggestion as a hint, the form of thaw's own errors. */
function withHint(text: string): string {
  return text.replace(/\n\((Did you mean .*\?)\)/, "\nhint: $1");
}

function version(): string {
  const description = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(description) as { version: string }).version;
}
