// `thaw work`: takes shards from a queue until nothing is left.

import { setTimeout as wait } from "node:timers/promises";
import { UnavailableError } from "../../core/errors.ts";
import { isAway } from "../../queue/away.ts";
import { openQueue, publicAddress } from "../../queue/open.node.ts";
import type { ShardQueue } from "../../queue/queue.ts";
import type { WorkerEvent } from "../../queue/worker.ts";
import { printError } from "../shared/error.ts";
import { interruptible, TRY_AGAIN } from "../shared/interrupt.ts";
import { nextCommand } from "../shared/next-command.ts";
import { printLines, printRows } from "../shared/terminal.ts";
import { endLines, idleLines, workJson, workLines } from "./lines.ts";
import { exitCodeOf, runWorkers } from "./workers.ts";

export interface WorkFlags {
  workers?: number;
  threads?: number;
  wait?: boolean;
  json?: boolean;
}

/** Milliseconds for which a worker that comes while the queue's server is away tries to reach it. */
const PATIENCE = 30_000;

/** Works for the queue at `address`; returns the exit code. */
export async function workCommand(address: string, flags: WorkFlags): Promise<number> {
  const { workers = 1, threads, json = false } = flags;
  const say = (lines: readonly string[]): void => printLines(process.stdout, json ? [] : lines);
  const tell = (event: WorkerEvent): void => (json ? printRows(process.stdout, [workJson(event)]) : say(workLines(event)));
  // A worker that waits may come before the work.
  const create = flags.wait ?? false;
  let working = false;
  // From the start: as the first process of a container, Node would ignore SIGTERM without a listener.
  const { signal, exitCode, release } = interruptible(
    () => say([working ? "Stopping: the shard is given back. Again to quit at once." : "Stopping."]),
    ["SIGINT", "SIGTERM"],
  );
  const open = () => openInTime(address, { create, signal, onAway: (message) => tell({ event: "away", message }) });
  try {
    return await withQueue(open, async (queue) => {
      working = true;
      say([`Working for ${queue.name}. Ctrl-C gives the shard back and stops.`]);
      let away = false;
      const ends = await runWorkers(queue, {
        count: workers,
        threads,
        wait: create,
        signal,
        onEvent(event) {
          // An outage is told once.
          if (event.event === "away" && away) return;
          away = event.event === "away";
          tell(event);
        },
      });
      const jobs = nextCommand("jobs", publicAddress(address));
      const last = ends.map((end) => (end.why === "idle" ? idleLines(end.aside, jobs) : endLines(end)));
      for (const lines of new Set(last.map((each) => each.join("\n")))) say(lines === "" ? [] : lines.split("\n"));
      return exitCodeOf(ends, exitCode());
    });
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error;
    return exitCode();
  } finally {
    release();
  }
}

interface Opening {
  readonly create: boolean;
  readonly signal: AbortSignal;
  /** Hears once that the server cannot be reached. */
  onAway(message: string): void;
}

/** Opens the queue at `address` as soon as its server can be reached. Throws the reason of `signal` if that aborts meanwhile. */
async function openInTime(address: string, { create, signal, onAway }: Opening): Promise<ShardQueue> {
  const began = performance.now();
  for (let told = false; ; told = true) {
    try {
      return await openQueue(address, { create });
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof UnavailableError) || performance.now() - began > PATIENCE) throw error;
      if (!told) onAway((error.cause as Error).message);
    }
    await wait(1000, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

/** Does `what` with the queue that `open` opens, and closes it. A server that cannot be reached is told, with an exit code that asks to try again. */
export async function withQueue(open: () => Promise<ShardQueue>, what: (queue: ShardQueue) => Promise<number>): Promise<number> {
  try {
    const queue = await open();
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
