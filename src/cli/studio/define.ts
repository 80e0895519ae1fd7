// The options of `thaw studio` and its help.

import type { Command } from "commander";
import type { Finish } from "../shared/finish.ts";
import { helpText } from "../shared/help.ts";
import { integer } from "../shared/numbers.ts";
import type { StudioFlags } from "./run.ts";

const DESCRIPTION =
  "Opens a page in your browser where you look at photographs, label them, train, see what went wrong and try the result. It runs on this " +
  "machine alone, and no photograph leaves it. Labels are kept beside the photographs, whose files stay as they are until you apply them.";

const EXAMPLES = `
Examples:
  thaw studio photos
    photos/<class>/, photos/train/<class>/, or pictures without any order
  thaw studio
    starts from nothing, in a new folder called "photographs"
  thaw studio photos --no-open --json
    prints one line, {"event":"listening","url":"http://127.0.0.1:…/?token=…"},
    for programs that open the page themselves
  thaw studio --static site
    the same page as files for any web host

Labels and runs are in <folder>-studio. Ctrl-C ends the studio; a run that is
going on is stopped at a safe point, and resumed from the page later.
Exit codes: 0 ended by Ctrl-C, 2 a mistake in the command or the folder.`;

/** Adds `thaw studio` to the program. */
export function defineStudio(program: Command, finish: Finish): void {
  program
    .command("studio")
    .summary("look, label, train and try in your browser")
    .description(DESCRIPTION)
    .argument("[folder]", "the photographs (default: photographs, which is made)")
    .option("--port <n>", "the port of the page (default: any that is free)", integer("--port", 1, 65_535))
    .option("--no-open", "do not open the browser")
    .option("--work <folder>", "where labels and runs are kept (default: <folder>-studio)")
    .option("--cache <folder>", "where to cache activations (default: .thaw/<name> beside the photographs)")
    .option("--offline", "download nothing: take weights from the cache")
    .option("--static <folder>", "write the page for a web host instead: there it trains in the browser, and nothing leaves it")
    .option("--json", "print one JSON object per line")
    .addHelpText("after", helpText(EXAMPLES))
    .action(async (folder: string | undefined, flags: StudioFlags) =>
      finish(await (await import("./run.ts")).studioCommand(folder, flags)),
    );
}
