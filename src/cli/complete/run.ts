// `thaw complete`: the script that a shell loads, and the answers when the shell asks at the Tab key.

import { RootCommand } from "@bomb.sh/tab";
import type { Command } from "commander";
import { expected } from "../../core/errors.ts";
import { printLines } from "../shared/terminal.ts";

const SHELLS = ["bash", "zsh", "fish", "powershell"];

/** Prints the script for `shell`; throws a UsageError for one that is not known. Returns the exit code. */
export function scriptCommand(shell: string): number {
  if (!SHELLS.includes(shell)) throw expected("bash, zsh, fish or powershell", "<shell>", shell);
  new RootCommand().setup("thaw", "thaw", shell);
  return 0;
}

/**
 * Prints the completions of the `words` of a command line of `program`, the last of which is incomplete or empty. Returns the exit code.
 */
export async function completeCommand(program: Command, words: readonly string[]): Promise<number> {
  const networks = words.at(-2) === "--arch" ? await networkNames() : [];
  const root = new RootCommand();
  for (const command of program.commands) {
    const described = root.command(command.name(), command.summary());
    for (const { long, short, description, argChoices, required, optional } of command.options) {
      const choices = (complete: (value: string, description: string) => void) => {
        for (const choice of argChoices ?? (long === "--arch" ? networks : [])) complete(choice, "");
      };
      if (long)
        described.option(long.slice(2), description, ...(required || optional ? [choices] : []), ...(short ? [short.slice(1)] : []));
    }
    for (const argument of command.registeredArguments) described.argument(argument.name(), undefined, argument.variadic);
  }
  printLines(process.stdout, withFiles(printed(() => root.parse([...words]))));
  return 0;
}

/** What --arch takes: the networks that thaw knows. */
async function networkNames(): Promise<readonly string[]> {
  return (await import("../../nn/catalogue.ts")).architectures.map(({ name }) => name);
}

/** What `run` prints by console.log, the library's only way to answer. */
function printed(run: () => void): readonly string[] {
  const lines: string[] = [];
  const { log } = console;
  console.log = (line: string) => lines.push(line);
  try {
    run();
  } finally {
    console.log = log;
  }
  return lines;
}

/** If there is nothing to propose, the shell should propose files, which the library's closing line ":4" always forbids. */
function withFiles(lines: readonly string[]): readonly string[] {
  return lines.length === 1 ? [":0"] : lines;
}
