// The options of `thaw evaluate` and its help.

import type { Command } from "commander";
import type { Finish } from "../shared/finish.ts";
import { helpText } from "../shared/help.ts";
import { integer } from "../shared/numbers.ts";
import type { EvaluateFlags } from "./run.ts";

const DESCRIPTION =
  "Measures a model on photographs whose classes are known, as a program would get its answers: accuracy, log-loss, calibration, " +
  "precision, recall and F1 of each class, and which classes it confuses. For several labels or numbers it prints the metrics that suit " +
  "them.";

const EXAMPLES = `
Examples:
  thaw evaluate photos-model more-photos
    more-photos/<class>/, or more-photos/valid/<class>/
  thaw evaluate tags-model photos --csv labels.csv --suffix .jpg
  thaw evaluate photos-model more-photos --json | jq .metrics

Exit codes: 0 done, 1 some photographs could not be read (the others are
measured), 2 a mistake in the command or the labels, 130 stopped by Ctrl-C.`;

/** Adds `thaw evaluate` to the program. */
export function defineEvaluate(program: Command, finish: Finish): void {
  program
    .command("evaluate")
    .summary("measure a model on photographs whose classes are known")
    .description(DESCRIPTION)
    .argument("<model>", "the folder that thaw train wrote, or a zip of it")
    .argument("<folder>", "photographs, one folder per class; with --csv, where the table's photographs are")
    .option("--part <name>", 'the folder in it to measure on, such as test (default: valid or test; "." for its own folders)')
    .option("--csv <file>", "a table of names and labels, instead of folders of classes; looked for here, then in <folder>")
    .option(
      "--label-column <name>",
      "the column with the labels; may be repeated (default: the second; a model of numbers knows its own)",
      (name: string, before: readonly string[] = []) => [...before, name],
    )
    .option("--suffix <text>", 'what makes a name in the table a file name, such as ".jpg"')
    .option("--labels-separator <text>", 'what separates the labels in a cell; "" makes each cell one label (default: a space)')
    .option("--separator <character>", "what separates the cells of the table (default: a comma, in .tsv a tab)")
    .option("--header", "the first row of the table has the names of the columns (default: unless it names a photograph)")
    .option("--no-header", "the first row of the table is a photograph")
    .option("--threads <n>", "threads to compute with (default: one per core)", integer("--threads", 1))
    .option("--json", "print one JSON object")
    .addHelpText("after", helpText(EXAMPLES))
    .action(async (model: string, folder: string, flags: EvaluateFlags) =>
      finish(await (await import("./run.ts")).evaluateCommand(model, folder, flags)),
    );
}
