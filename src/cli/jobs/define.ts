// The options of `thaw jobs` and its help.

import type { Command } from "commander";
import type { Finish } from "../shared/finish.ts";
import { helpText } from "../shared/help.ts";
import type { JobsFlags } from "./run.ts";

const DESCRIPTION =
  'Shows the work that "thaw predict --queue" put into a PostgreSQL database: how far it is, how fast, how long it will take, and what failed.';

const EXAMPLES = `
Examples:
  thaw jobs postgres://user@host/database
  thaw jobs postgres://user@host/database --json | jq .secondsLeft
  thaw jobs retry postgres://user@host/database
  thaw jobs cancel postgres://user@host/database 3f9a

A shard that failed three times, or at once for a reason that no machine can mend,
is set aside with its error. "retry" lets it be taken again, as it does what was
cancelled. "cancel" takes what is not done out of the queue, from workers too; the
parts that are written stay.

Exit codes: 0 done, 2 a mistake in the command, 75 the server cannot be reached.`;

/** Adds `thaw jobs` to the program. */
export function defineJobs(program: Command, finish: Finish): void {
  const queue = ["<queue>", "the address of the PostgreSQL database"] as const;
  const work = ["[work]", "the first digits of its id, where there are several"] as const;
  const json = ["--json", "print one JSON object per line"] as const;
  const jobs = program
    .command("jobs")
    .summary("show what is in a queue, retry or cancel it")
    .description(DESCRIPTION)
    .argument(...queue)
    .option(...json)
    .addHelpText("after", helpText(EXAMPLES))
    .action(async (address: string, flags: JobsFlags) => finish(await (await import("./run.ts")).jobsCommand(address, flags)));
  jobs
    .command("retry")
    .description("Lets the shards of a work that failed or were cancelled be taken again.")
    .argument(...queue)
    .argument(...work)
    .option(...json)
    .action(async (address: string, id: string | undefined, _: JobsFlags, command: Command) =>
      finish(await (await import("./run.ts")).retryJobs(address, id, command.optsWithGlobals())),
    );
  jobs
    .command("cancel")
    .description("Takes the shards of a work that are not done out of the queue.")
    .argument(...queue)
    .argument(...work)
    .option(...json)
    .action(async (address: string, id: string | undefined, _: JobsFlags, command: Command) =>
      finish(await (await import("./run.ts")).cancelJobs(address, id, command.optsWithGlobals())),
    );
}
