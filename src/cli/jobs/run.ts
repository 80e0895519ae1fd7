// `thaw jobs`: what is in a queue; and letting failed work be tried again, or taking work out.

import { expected, UsageError } from "../../core/errors.ts";
import { openQueue, publicAddress } from "../../queue/open.node.ts";
import type { WorkState } from "../../queue/queue.ts";
import { nextCommand } from "../shared/next-command.ts";
import { jsonLine, printable } from "../shared/printable.ts";
import { paintFor, printLines, printRows, quantity } from "../shared/terminal.ts";
import { placesOf } from "../work/lines.ts";
import { withQueue } from "../work/run.ts";
import { stateJson, stateLines } from "./lines.ts";

export interface JobsFlags {
  json?: boolean;
}

/** The command that lets the failures of a work be tried again. */
export const retryCommand = (address: string, id: string): string => nextCommand("jobs", "retry", publicAddress(address), id);

/** Lists the works in the queue at `address`; returns the exit code. */
export function jobsCommand(address: string, { json = false }: JobsFlags): Promise<number> {
  return withQueue(
    () => openQueue(address, { create: false }),
    async (queue) => {
      const works = await queue.works();
      if (json)
        printRows(
          process.stdout,
          works.map(stateJson).map((state) => jsonLine(state)),
        );
      else if (works.length === 0) printLines(process.stdout, [`The queue in ${queue.name} is empty.`]);
      else {
        const paint = paintFor(process.stdout, process.env);
        const lines = works.flatMap((state) => ["", ...stateLines(state, retryCommand(address, state.id), paint)]);
        printLines(process.stdout, lines.slice(1));
      }
      return 0;
    },
  );
}

/** Lets what failed or was cancelled in the work `id` (by default the only one with such shards) wait again; returns the exit code. */
export function retryJobs(address: string, id: string | undefined, { json = false }: JobsFlags): Promise<number> {
  return change(address, id, json, {
    task: "retry",
    done: "will be tried again",
    may: ({ aside, cancelled }) => aside + cancelled > 0,
    nothing: "Nothing in the queue has failed or was cancelled.",
  });
}

/** Takes what is not done of the work `id` (by default the only unfinished one) out of the queue; returns the exit code. */
export function cancelJobs(address: string, id: string | undefined, { json = false }: JobsFlags): Promise<number> {
  return change(address, id, json, {
    task: "cancel",
    done: "cancelled; what is done is kept",
    may: ({ waiting, active, aside }) => waiting + active + aside > 0,
    nothing: "Nothing in the queue is unfinished.",
  });
}

interface Change {
  readonly task: "retry" | "cancel";
  readonly done: string;
  /** Whether there is anything to change in a work. */
  may(state: WorkState): boolean;
  readonly nothing: string;
}

function change(address: string, id: string | undefined, json: boolean, { task, done, may, nothing }: Change): Promise<number> {
  return withQueue(
    () => openQueue(address, { create: false }),
    async (queue) => {
      const works = await queue.works();
      const named = id === undefined ? works.filter(may) : works.filter((state) => state.id.startsWith(id));
      if (id !== undefined && named.length === 0)
        throw expected(`the first digits of one of ${works.map((work) => work.id).join(", ")}`, "<work>", id);
      if (named.length > 1)
        throw new UsageError(
          `There are several works: ${named.map((state) => `${state.id} (${placesOf(state.work)})`).join(", ")}`,
          "Name one by the first digits.",
        );
      const [state] = named;
      const shards = state ? await queue[task](state.id) : 0;
      if (json) printRows(process.stdout, [jsonLine({ event: task, ...(state && { id: state.id }), shards })]);
      else if (!state) printLines(process.stdout, [nothing]);
      else printLines(process.stdout, [`${state.id} (${printable(placesOf(state.work))}): ${quantity(shards, "shard")} ${done}.`]);
      return 0;
    },
  );
}
