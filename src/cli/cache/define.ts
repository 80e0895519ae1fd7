// The options of `thaw cache` and its help.

import type { Command } from "commander";
import type { Finish } from "../shared/finish.ts";
import { helpText } from "../shared/help.ts";
import type { CacheFlags } from "./run.ts";

const DESCRIPTION =
  "Lists the activations that training has cached for later runs: for which photographs, network and freeze point, how many of them are " +
  "done, how much space they take and when they were last used. With --clear it deletes what it would list, and nothing that is not " +
  "thaw's. That is safe at any time: a run that needs them computes them again.";

const EXAMPLES = `
Examples:
  thaw cache
    of all photographs with a cache in .thaw here
  thaw cache photos
  thaw cache photos --older-than 30d --clear
  thaw cache photos --entry 3f9a1c2e --clear
  thaw cache --json | jq .bytes

Exit codes: 0 done, 1 if --clear found files that are not thaw's and left
them, 2 a mistake in the command.`;

/** Adds `thaw cache` to the program. */
export function defineCache(program: Command, finish: Finish): void {
  program
    .command("cache")
    .summary("list or clear cached activations")
    .description(DESCRIPTION)
    .argument("[folder]", "photographs (default: all with a cache in .thaw here)")
    .option("--cache <folder>", "the cache folder (default: .thaw/<name> beside the photographs)")
    .option("--entry <id...>", "only these, by the first digits of their keys")
    .option("--older-than <age>", "only what was not used for this long: 12h, 30d, 2w")
    .option("--clear", "delete what would be listed")
    .option("--json", "print one JSON object")
    .addHelpText("after", helpText(EXAMPLES))
    .action(async (folder: string | undefined, { olderThan, ...flags }: Omit<CacheFlags, "olderThan"> & { olderThan?: string }) => {
      const { age, cacheCommand } = await import("./run.ts");
      finish(await cacheCommand(folder, { ...flags, ...(olderThan !== undefined && { olderThan: age(olderThan) }) }));
    });
}
