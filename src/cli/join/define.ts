// The options of `thaw join` and its help.

import type { Command } from "commander";
import type { Finish } from "../shared/finish.ts";
import { helpText } from "../shared/help.ts";
import type { JoinFlags } from "./run.ts";

const DESCRIPTION = 'Joins the parts that "thaw predict --shard" wrote, after checking that all are there, once each, and whole.';

const EXAMPLES = `
Examples:
  thaw join parts --csv all.csv
  thaw join parts --jsonl all.jsonl
  thaw join parts --parquet all.parquet
  thaw join parts
    only checks

Rows are sorted by the names of the photographs, and the same as of one process.

Exit codes: 0 done, 2 a shard is missing or damaged (the message says which and
how to make it again) or a mistake in the command, 130 stopped by Ctrl-C.`;

/** Adds `thaw join` to the program. */
export function defineJoin(program: Command, finish: Finish): void {
  program
    .command("join")
    .summary("join what several processes predicted")
    .description(DESCRIPTION)
    .argument("<parts>", "the folder or address that thaw predict --shard wrote to with --out")
    .option("--csv <file>", "write a table of comma-separated values")
    .option("--parquet <file>", "write a Parquet file")
    .option("--jsonl <file>", "write one JSON object per line")
    .option("--force", "overwrite the file")
    .option("--json", "print the result as JSON")
    .addHelpText("after", helpText(EXAMPLES))
    .action(async (parts: string, flags: JoinFlags) => finish(await (await import("./run.ts")).joinCommand(parts, flags)));
}
