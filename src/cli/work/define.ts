// The options of `thaw work` and its help.

import type { Command } from "commander";
import type { Finish } from "../shared/finish.ts";
import { helpText } from "../shared/help.ts";
import { integer } from "../shared/numbers.ts";
import type { WorkFlags } from "./run.ts";

const DESCRIPTION =
  'Takes the shards that "thaw predict --queue" put into a PostgreSQL database, and predicts their photographs, until nothing is left. Any number of machines may do so.';

const EXAMPLES = `
Examples:
  thaw work postgres://user@host/database
  thaw work postgres://user@host/database --workers 4 --threads 1
  thaw work postgres://user@host/database --wait

Model, photographs and parts are where they were for "thaw predict": on a disk that
all machines have under the same name. A worker with another model, or that sees
other photographs, says so and ends. The password may be in PGPASSWORD.

A worker holds a shard as long as the queue hears of it. If it disappears, another
gets the shard within a minute, and goes on at its first part that is missing. A
shard that fails three times is set aside: see "thaw jobs". Ctrl-C and SIGTERM give
the shard back at once.

Exit codes: 0 nothing is left to do, 2 a mistake in the command or this machine
lacks what the work needs, 75 the disk or the queue's server failed, 130 stopped
by Ctrl-C, 143 by SIGTERM.`;

/** Adds `thaw work` to the program. */
export function defineWork(program: Command, finish: Finish): void {
  program
    .command("work")
    .summary("predict what others have put into a queue")
    .description(DESCRIPTION)
    .argument("<queue>", "the address of the PostgreSQL database")
    .option(
      "--workers <n>",
      "shards at a time, each in a process with its own copy of the model (default: 1)",
      integer("--workers", 1, 1000),
    )
    .option("--threads <n>", "threads of each worker (default: they share the cores)", integer("--threads", 1))
    .option("--wait", "wait for more work when nothing is left")
    .option("--json", "print one JSON object per line")
    .addHelpText("after", helpText(EXAMPLES))
    .action(async (queue: string, flags: WorkFlags) => finish(await (await import("./run.ts")).workCommand(queue, flags)));
}
