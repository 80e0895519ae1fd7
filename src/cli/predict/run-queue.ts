// `thaw predict --queue`: puts the shards of the photographs into a queue, for workers elsewhere or here, and waits until they are done.

import { availableParallelism } from "node:os";
import { readModel } from "../../classifier/read-model.ts";
import { expected, UsageError } from "../../core/errors.ts";
import { hashJson } from "../../core/hash.ts";
import type { Warning } from "../../core/progress.ts";
import { storeOf } from "../../core/store/store-of.ts";
import { type Work, workId } from "../../queue/job.ts";
import { memoryQueue } from "../../queue/memory.ts";
import { openQueue, publicAddress } from "../../queue/open.node.ts";
import type { ShardQueue, WorkState } from "../../queue/queue.ts";
import type { WorkerEnd } from "../../queue/worker.ts";
import { PART_ROWS, shardsOf } from "../../shards/manifest.ts";
import { divide } from "../../shards/names.ts";
import { MOST_SHARDS } from "../../shards/shard.ts";
import { failureLines } from "../jobs/lines.ts";
import { retryCommand } from "../jobs/run.ts";
import { interruptible } from "../shared/interrupt.ts";
import { nextCommand } from "../shared/next-command.ts";
import type { ListFlags } from "../shared/photographs/lists.ts";
import { namesIn } from "../shared/photographs/names.ts";
import { jsonLine, printable } from "../shared/printable.ts";
import { progressFor } from "../shared/progress.ts";
import { count, paintFor, printLines, printRows, quantity } from "../shared/terminal.ts";
import { endLines, workLines } from "../work/lines.ts";
import { withQueue } from "../work/run.ts";
import { exitCodeOf, runWorkers } from "../work/workers.ts";
import { predictedBy } from "./predicted.ts";
import { workOf } from "./shard-work.ts";
import { watchWork } from "./watch.ts";

export interface QueueFlags {
  /** The queue's address; undefined for one in this process. */
  readonly address: string | undefined;
  readonly out: string;
  readonly shards: number | undefined;
  readonly top: number | undefined;
  /** Workers of this process. */
  readonly workers: number | undefined;
  readonly threads: number | undefined;
  readonly detach: boolean;
  readonly json: boolean;
  readonly warn: (warning: Warning) => void;
}

/** Of few photographs a shard has at least so many; and there are at most so many shards, unless a part's rows would be too many. */
const [FEW, SOME] = [50, 8];

/** Predicts `paths` by the workers of a queue; returns the exit code. */
export async function predictQueued(model: string, paths: readonly string[], lists: ListFlags, flags: QueueFlags): Promise<number> {
  const { address, detach } = flags;
  const work = await workFor(model, paths, lists, flags);
  if (address !== undefined)
    return withQueue(
      () => openQueue(address, { create: true }),
      (queue) => run(queue, work, flags),
    );
  if (detach) throw new UsageError("--detach needs the address of a queue: without one, the workers are processes of this command");
  return run(memoryQueue(seconds), work, { ...flags, workers: flags.workers ?? Math.min(4, availableParallelism()) });
}

const seconds = (): number => performance.now() / 1000;

async function workFor(model: string, paths: readonly string[], lists: ListFlags, { out, shards, top, warn }: QueueFlags): Promise<Work> {
  const { description } = await readModel(model);
  // Only counted: the workers divide them.
  const { all } = await divide(namesIn(paths, lists, { onWarning: warn }), 1, 0);
  const usual = Math.max(Math.ceil(all.photographs / PART_ROWS), Math.min(SOME, Math.ceil(all.photographs / FEW)));
  return {
    folder: process.cwd(),
    model,
    work: hashJson(workOf(description, predictedBy(description, top))),
    paths: [...paths],
    ...(lists.list && { list: [...lists.list] }),
    ...(lists.column !== undefined && { column: lists.column }),
    out,
    ...(top !== undefined && { top }),
    shards: await shardsIn(out, shards, usual),
    all,
  };
}

/** How many shards there are in `out` already, or `wanted`, or `usual`. Throws a UsageError if the folder has another division than wanted. */
async function shardsIn(out: string, wanted: number | undefined, usual: number): Promise<number> {
  if (wanted !== undefined && wanted > MOST_SHARDS) throw expected(`at most ${MOST_SHARDS}`, "--shards", wanted);
  const before = await shardsOf(storeOf(out));
  if (before !== undefined && wanted !== undefined && before !== wanted)
    throw new UsageError(
      `${out} has parts of ${before} shards`,
      `Leave out --shards to go on with them, or choose another folder with --out.`,
    );
  return before ?? wanted ?? usual;
}

async function run(queue: ShardQueue, work: Work, flags: QueueFlags): Promise<number> {
  const { address, workers = 0, threads, detach, json, out } = flags;
  const id = workId(work);
  const added = await queue.put(work);
  const say = (lines: readonly string[]): void => printLines(process.stdout, json ? [] : lines);
  if (json) printRows(process.stdout, [jsonLine({ event: "queued", id, shards: work.shards, added, photographs: work.all.photographs })]);
  say(queuedLines(queue, work, added, address === undefined ? undefined : publicAddress(address), workers));
  if (detach) return 0;
  const progress = progressFor(process.stderr);
  const note = (lines: readonly string[]): void => {
    progress.clear();
    printLines(process.stderr, lines);
  };
  const { signal, exitCode, release } = interruptible(
    () =>
      note([
        address === undefined ? "Stopping; what is finished is kept." : "The workers elsewhere go on. The same command shows them again.",
      ]),
    ["SIGINT", "SIGTERM"],
  );
  try {
    const ended = new AbortController();
    const watched = watchWork(queue, id, {
      signal: AbortSignal.any([signal, ended.signal]),
      onProgress: (event) => progress.report(event),
    });
    const working =
      workers > 0
        ? runWorkers(queue, {
            count: workers,
            threads,
            wait: false,
            signal,
            onEvent: (event) => (event.event === "outcome" && event.outcome.kind === "done" ? undefined : note(workLines(event))),
          })
        : undefined;
    // Workers of this command that all had to give up leave nobody to wait for.
    if (address === undefined) void working?.then(() => ended.abort());
    const [state, ends] = await Promise.all([watched, working ?? []]);
    progress.clear();
    if (signal.aborted) return exitCode();
    return finish(state ?? (await queue.works()).find((each) => each.id === id), ends);
  } finally {
    progress.clear();
    release();
  }

  function finish(state: WorkState | undefined, ends: readonly WorkerEnd[]): number {
    if (!state) throw new UsageError("The work is no longer in the queue", "Somebody has deleted it there; put it in again.");
    const { done, aside, cancelled, rows, failed } = state;
    if (json)
      printRows(process.stdout, [
        jsonLine({ event: "done", out, shards: done, aside, cancelled, photographs: rows, unreadable: failed, failures: state.failures }),
      ]);
    say([
      `${count(done)} of ${quantity(work.shards, "shard")}, ${quantity(rows, "photograph")}, ${count(failed)} unreadable, in ${printable(out)}.`,
      ...(cancelled > 0 ? [`${quantity(cancelled, "shard")} cancelled.`] : []),
      ...failureLines(state, address === undefined ? undefined : retryCommand(address, id), paintFor(process.stdout, process.env)),
      ...(done === work.shards ? ["Join them:", "", `  ${nextCommand("join", out)} --csv all.csv`] : []),
    ]);
    if (done === work.shards) return 0;
    for (const end of ends) note(endLines(end));
    return exitCodeOf(ends, exitCode()) || 1;
  }
}

function queuedLines(queue: ShardQueue, { shards, all }: Work, added: number, address: string | undefined, workers: number): string[] {
  const here = workers > 0 ? `${quantity(workers, "worker")} here` : undefined;
  const before =
    added === 0
      ? ", all of which are in the queue already"
      : added < shards
        ? `, ${count(shards - added)} of which are in the queue already`
        : "";
  const what = `${quantity(all.photographs, "photograph")} in ${quantity(shards, "shard")}${before}`;
  if (address === undefined) return [`${what}; ${here}.`];
  return [
    `${what}, in ${queue.name}.`,
    `${here === undefined ? "Start" : `${here}; start more`} workers, here or on other machines:`,
    "",
    `  ${nextCommand("work", address)}`,
    "",
  ];
}
