// The options of `thaw train` and its help.

import type { Command } from "commander";
import type { Finish } from "../shared/finish.ts";
import { helpText } from "../shared/help.ts";
import { decimal, duration } from "../shared/numbers.ts";
import { parserError } from "../shared/parser-error.ts";
import { addParts } from "../shared/photographs/parts.ts";
import { addChoices, synonymsOf } from "./choices.ts";
import { PROFILE_FILE } from "./profile.ts";
import type { TrainFlags } from "./run.ts";

const DESCRIPTION =
  "Trains a classifier on a folder of photographs, in stages: new last layers on cached activations, the same on augmented " +
  "photographs, the whole network with lower rates for its early layers (from 1,000 photographs on), and an average over augmented views. " +
  "A stage that does not improve the validation is discarded. Ctrl-C stops the run, and the same command with --resume resumes it, to the same bits.";

const EXAMPLES = `
Examples:
  thaw train photos
  thaw train photos --arch resnet34
    a network by its name; its weights are downloaded once ("thaw models" lists them)
  thaw train photos --arch resnet34.a1_in1k --out animals
    with other weights than its first
  thaw train photos --onnx model.onnx
    a classifier of your own that was exported to ONNX
  thaw train photos --time 10m
  thaw train photos --resume
    resumes a run that was stopped or killed
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

/** Adds `thaw train` to the program. */
export function defineTrain(program: Command, finish: Finish): void {
  const command = program
    .command("train")
    .configureOutput({ outputError: (text, write) => write(parserError(text, synonymsOf())) })
    .summary("train a classifier on a folder of photographs")
    .description(DESCRIPTION)
    .argument("<folder>", "photographs, one folder per class; or their address, s3://bucket/prefix")
    .optionsGroup("The run:")
    .option("--out <folder>", "where to write the classifier (default: <folder>-model)")
    .option("--force", "replace an existing classifier")
    .option("--resume", "resume the run that was stopped or killed")
    .option("--recipe <file>", "repeat the run that left this file, recipe.json in its classifier's folder; other options precede it")
    .option("--time <duration>", 'time limit, such as "10m": stages are shortened or left out to keep it', duration("--time"))
    .option("--checkpoint-seconds <n>", "how often to save the run for --resume (default: 30)", decimal("--checkpoint-seconds", 0, 86_400));
  addChoices(command, "run")
    .option(
      "--cache <folder>",
      "where to cache activations between runs, a folder or s3://bucket/prefix (default: .thaw/<name> beside the photographs)",
    )
    .option("--device <name>", "where to compute: cpu (default), wasm, webgpu, or auto for the faster of cpu and webgpu")
    .option("--offline", "download nothing: take weights from the cache")
    .option("--json", "print one JSON object per line")
    .option("--quiet", "print only the result and warnings")
    .option("--profile [file]", `write where the time went, for chrome://tracing or Perfetto (default: ${PROFILE_FILE})`)
    .optionsGroup("Labels from folders:");
  addParts(command, false)
    .optionsGroup("Labels from a table:")
    .option("--csv <file>", "a table of names and labels, instead of folders of classes; looked for here, then in <folder>")
    .option(
      "--label-column <name>",
      "the column with the labels; may be repeated (default: the second, or all for --continuous)",
      collected,
    )
    .option("--suffix <text>", 'what makes a name in the table a file name, such as ".jpg"')
    .option("--labels-separator <text>", 'what separates the labels in a cell; "" makes each cell one label (default: a space)')
    .option("--separator <character>", "what separates the cells of the table (default: a comma, in .tsv a tab)")
    .option("--header", "the first row of the table has the names of the columns (default: unless it names a photograph)")
    .option("--no-header", "the first row of the table is a photograph")
    .option("--continuous", "the labels are numbers to predict, not classes")
    .option("--multi-label", "a photograph may have several labels or none, even if no cell of the table has several")
    .optionsGroup("Choices, which thaw makes if you do not:");
  addChoices(command, "choices")
    .addHelpText("after", helpText(EXAMPLES))
    .action(async (folder: string, flags: TrainFlags) => finish(await (await import("./run.ts")).trainCommand(folder, flags)));
}

/** The values of an option that may be repeated. */
function collected(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
