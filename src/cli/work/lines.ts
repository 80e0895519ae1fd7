// What `thaw work` prints. Pure.

import type { Job, Work } from "../../queue/job.ts";
import type { WorkerEnd, WorkerEvent } from "../../queue/worker.ts";
import { jsonLine, printable } from "../shared/printable.ts";
import { clock, quantity } from "../shared/terminal.ts";

/** The name of a shard in lines: "Shard 3 of 20 of album". */
export const shardName = (job: Job): string => `Shard ${job.shard} of ${job.shards} of ${printable(placesOf(job))}`;

/** The paths of a work, or as many of them as a line has room for. */
export function placesOf({ paths, list = [] }: Pick<Work, "paths" | "list">): string {
  const [first = "", ...others] = [...paths, ...list];
  return others.length === 0 ? first : `${first} and ${quantity(others.length, "other path")}`;
}

/** The line of JSON for `event`. */
export function workJson(event: WorkerEvent): string {
  if (event.event === "away") return jsonLine(event);
  const { shard, shards, out } = event.job;
  const { job: _, ...rest } = event;
  return jsonLine({ ...rest, shard, shards, out });
}

/** The lines of text for `event`. */
export function workLines(event: WorkerEvent): string[] {
  switch (event.event) {
    case "taken":
      return event.taken > 0 ? [`${shardName(event.job)}: taken once more.`] : [];
    case "away":
      return [`The queue cannot be reached (${printable(event.message)}); trying again.`];
    case "lost":
      return [`${shardName(event.job)}: left, because it was cancelled or is another worker's now.`];
    case "outcome":
      return outcomeLines(event);
  }
}

function outcomeLines({ job, outcome, seconds, aside }: Extract<WorkerEvent, { event: "outcome" }>): string[] {
  if (outcome.kind === "done")
    return [`${shardName(job)}: ${quantity(outcome.rows, "photograph")}, ${outcome.failed} unreadable, in ${clock(seconds)}.`];
  if (outcome.kind === "stopped") return [`${shardName(job)}: given back.`];
  const what = outcome.kind === "unfit" || outcome.kind === "system" ? "given back" : aside ? "failed, and is set aside" : "failed";
  return [
    `${shardName(job)}: ${what}: ${printable(outcome.message)}`,
    ...(outcome.hint === undefined ? [] : [`  ${printable(outcome.hint)}`]),
  ];
}

/** What is said when nothing is left but `aside` shards that are set aside; `jobs` is the command that shows why. */
export function idleLines(aside: number, jobs: string): string[] {
  if (aside === 0) return ["Nothing left to do."];
  return [`Nothing left to do; ${quantity(aside, "shard")} set aside. See why:`, "", `  ${jobs}`];
}

/** Why a worker ended before that. */
export function endLines(end: WorkerEnd): string[] {
  if (!("message" in end)) return [];
  return [`This worker ends: ${printable(end.message)}`, ...(end.hint === undefined ? [] : [`  ${printable(end.hint)}`])];
}
