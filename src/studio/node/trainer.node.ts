// The process that trains a run: started by the studio, which tells it what to do, and gets to know what happens. It writes the events itself, so
// that none is lost when the studio ends; and when that happens, it stops at the next safe point.

import { setTimeout as delay } from "node:timers/promises";
import { UsageError } from "../../core/errors.ts";
import { openSharedLog } from "../../core/store/shared-log.node.ts";
import type { TrainOptions } from "../../recipe/options.ts";
import { places } from "../../recipe/places.node.ts";
import { train } from "../../recipe/train.ts";
import type { TrainingEvent } from "../protocol/training.ts";

/** What the studio says. */
export type ToTrainer =
  | { readonly do: "train"; readonly options: TrainOptions; readonly log: string /** Seconds of work before. */; readonly before: number }
  | { readonly do: "stop" };

/** What the process says: an event, and the seconds of work until then. */
export interface FromTrainer {
  readonly what: TrainingEvent["what"];
  readonly seconds: number;
}

/** Milliseconds between two reports of progress. */
const REPORTS = 100;

/** Milliseconds that the process of a studio that was killed gets to save its run, and between two looks whether it has. */
const [PATIENCE, LOOKS] = [30_000, 250];

const stop = new AbortController();

process.on("message", (message: ToTrainer) => {
  if (message.do === "stop") stop.abort();
  else void run(message);
});
process.on("disconnect", () => stop.abort());
// Ctrl-C in a terminal reaches this process too; the studio says when to stop.
process.on("SIGINT", () => {});

async function run({ options, log: path, before }: Extract<ToTrainer, { do: "train" }>): Promise<void> {
  const begin = performance.now();
  const log = await openSharedLog(path);
  let writing: Promise<unknown> = Promise.resolve();
  let last = 0;
  const tell = (what: FromTrainer["what"]): void => {
    const now = performance.now();
    const seconds = before + (now - begin) / 1000;
    if (what.event === "progress") {
      if (what.done !== what.total && now - last < REPORTS) return;
      last = now;
    } else {
      const line = JSON.stringify({ what, seconds });
      writing = writing.then(() => log.append(line));
    }
    // Its other end may be gone.
    if (process.connected) process.send?.({ what, seconds } satisfies FromTrainer, () => {});
  };
  try {
    if (options.resume) await othersEnd(options);
    await train({ ...options, signal: stop.signal, onEvent: tell });
  } catch (error) {
    if (!stop.signal.aborted) {
      const { message, stack } = error as Error;
      const hint = error instanceof UsageError ? error.hint : stack;
      tell({ event: "failed", message, ...(hint !== undefined && { hint }) });
    }
  }
  await writing;
  await log.close();
  process.exit();
}

/** Waits until no other process works on the run; if one goes on for long, `train` says which. */
async function othersEnd(options: TrainOptions): Promise<void> {
  const chosen = await places.choose(options);
  for (let waited = 0; waited < PATIENCE && !stop.signal.aborted; waited += LOOKS) {
    const lock = await places.lock(chosen).catch((error: unknown) => {
      if (error instanceof UsageError) return undefined;
      throw error;
    });
    if (lock) return lock.release();
    await delay(LOOKS);
  }
}
