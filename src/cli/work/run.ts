// `thaw work`: takes shards from a queue until nothing is left.

import { UnavailableError } from "../../core/errors.ts";
import { isAway } from "../../queue/away.ts";
import { openQueue } from "../../queue/open.node.ts";
import type { ShardQueue } from "../../queue/queue.ts";
import { printError } from "../shared/error.ts";
import { interruptible, TRY_AGAIN } from "../shared/interrupt.ts";
import { printLines, printRows } from "../shared/terminal.ts";
import { endLines, workJson, workLines } from "./lines.ts";
import { exitCodeOf, runWorkers } from "./workers.ts";

export interface WorkFlags {
  workers?: number;
  threads?: number;
  wait?: boolean;
  json?: boolean;
}

/** Works for the queue at `address`; returns the exit code. */
export async function workCommand(address: string, { workers = 1, threads, wait = false, json = false }: WorkFlags): Promise<number> {
  // A worker that waits may come before the work.
  return withQueue(address, wait, async (queue) => {
    const say = (lines: readonly string[]): void => printLines(process.stdout, json ? [] : lines);
    const { signal, exitCode, release } = interruptible(
      () => say(["Stopping: the shard is given back. Again to quit at once."]),
      ["SIGINT", "SIGTERM"],
    );
    say([`Working for ${queue.name}. Ctrl-C gives the shard back and stops.`]);
    let away = false;
    try {
      const ends = await runWorkers(queue, {
        count: workers,
        threads,
        wait,
        signal,
        onEvent(event) {
          // An outage is told once.
          if (event.event === "away" && away) return;
          away = event.event === "away";
          if (json) printRows(process.stdout, [workJson(event)]);
          else printLines(process.stdout, workLines(event));
        },
      });
      for (const lines of new Set(ends.map((end) => endLines(end).join("\n")))) say(lines === "" ? [] : lines.split("\n"));
      return exitCodeOf(ends, exitCode());
    } finally {
      release();
    }
  });
}

/** Does `what` with the queue at `address`, and closes it. A server that cannot be reached is told, with an exit code that asks to try again. */
export async function withQueue(address: string, create: boolean, what: (queue: ShardQueue) => Promise<number>): Promise<number> {
  try {
    const queue = await openQueue(address, { create });
    try {
      return await what(queue);
    } finally {
      await queue.close().catch(() => {});
    }
  } catch (error) {
    if (!(error instanceof UnavailableError || isAway(error))) throw error;
    printError(error);
    return TRY_AGAIN;
  }
}
