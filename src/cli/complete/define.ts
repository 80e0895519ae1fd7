// The options of `thaw complete` and its help.

import type { Command } from "commander";
import type { Finish } from "../shared/finish.ts";
import { helpText } from "../shared/help.ts";

const DESCRIPTION =
  "Prints a script that makes your shell complete commands, options, their values and file names at the Tab key. The shell then asks " +
  "this command, so the completions are always those of the installed version of thaw.";

const EXAMPLES = `
Examples:
  thaw complete bash >> ~/.bashrc
  thaw complete zsh > "\${fpath[1]}/_thaw"
  thaw complete fish > ~/.config/fish/completions/thaw.fish
  thaw complete powershell >> $PROFILE

Open a new shell afterwards; bash needs its package "bash-completion". Exit
codes: 0 done, 2 a mistake in the command.`;

/** Adds `thaw complete` to the program, whose commands it completes. */
export function defineComplete(program: Command, finish: Finish): void {
  program
    .command("complete")
    .summary("make the Tab key complete commands, options and files")
    .description(DESCRIPTION)
    .usage("<shell>")
    .argument("<shell>", "bash, zsh, fish or powershell")
    // Shells ask with the words so far after a "--".
    .allowExcessArguments()
    .addHelpText("after", helpText(EXAMPLES))
    .action(async (shell: string) => {
      const [, , , mark, ...words] = process.argv;
      const { completeCommand, scriptCommand } = await import("./run.ts");
      finish(mark === "--" ? await completeCommand(program, words) : scriptCommand(shell));
    });
}
