// The queue of one process, whose workers are its children. Nothing is stored: after a crash the same command finds what is done by its manifests.

import { jobId, jobOf, type Work, workId } from "./job.ts";
import {
  type Failure,
  type Finished,
  MOST_FAILURES,
  RATE_SECONDS,
  type ShardQueue,
  setsAside,
  type Taken,
  type WorkState,
} from "./queue.ts";

interface Entry {
  readonly id: string;
  readonly work: string;
  readonly data: unknown;
  readonly shard: number;
  state: "waiting" | "active" | "done" | "aside" | "cancelled";
  taken: number;
  errors: number;
  result?: Finished;
  failure?: Failure;
  finished?: number;
}

/** A queue in memory; `seconds` is the current time. */
export function memoryQueue(seconds: () => number): ShardQueue {
  const began = seconds();
  const works = new Map<string, Work>();
  const entries = new Map<string, Entry>();
  const held = (taken: Taken): Entry | undefined => {
    const entry = entries.get(taken.id);
    return entry?.state === "active" && entry.taken === taken.taken + 1 ? entry : undefined;
  };
  const move = (work: string, from: readonly Entry["state"][], to: Entry["state"]): number => {
    const moved = [...entries.values()].filter((entry) => entry.work === work && from.includes(entry.state));
    for (const entry of moved) Object.assign(entry, { state: to, ...(to === "waiting" && { taken: 0, errors: 0 }) });
    return moved.length;
  };
  return {
    name: "this process",
    lease: Number.POSITIVE_INFINITY,
    async put(work) {
      const before = entries.size;
      works.set(workId(work), work);
      for (let shard = 1; shard <= work.shards; shard++) {
        const data = jobOf(work, shard);
        const id = jobId(data);
        if (!entries.has(id)) entries.set(id, { id, work: workId(work), data, shard, state: "waiting", taken: 0, errors: 0 });
      }
      return entries.size - before;
    },
    async take() {
      for (const entry of entries.values()) {
        if (entry.state !== "waiting") continue;
        entry.state = "active";
        const { id, data, taken, errors } = entry;
        entry.taken++;
        return { id, data, taken, errors };
      }
      return undefined;
    },
    renew: async (taken) => held(taken) !== undefined,
    async finish(taken, result) {
      const entry = held(taken);
      if (entry) Object.assign(entry, { state: "done", result, finished: seconds() });
    },
    async fail(taken, failure, final) {
      const entry = held(taken);
      if (!entry) return;
      entry.errors++;
      entry.failure = failure;
      entry.state = setsAside(taken, final) ? "aside" : "waiting";
    },
    async giveBack(taken) {
      const entry = held(taken);
      if (entry) entry.state = "waiting";
    },
    works: async () => [...works].map(([id, work]) => stateOf(id, work, [...entries.values()], seconds(), began)),
    retry: async (work) => move(work, ["aside", "cancelled"], "waiting"),
    cancel: async (work) => move(work, ["waiting", "active", "aside"], "cancelled"),
    async close() {},
  };
}

function stateOf(id: string, work: Work, all: readonly Entry[], now: number, began: number): WorkState {
  const own = all.filter((entry) => entry.work === id);
  const number = (state: Entry["state"]): number => own.filter((entry) => entry.state === state).length;
  const sum = (entries: readonly Entry[], field: keyof Finished): number =>
    entries.reduce((total, { result }) => total + (result?.[field] ?? 0), 0);
  const recent = own.filter(({ finished }) => finished !== undefined && finished > now - RATE_SECONDS);
  return {
    id,
    work,
    waiting: number("waiting"),
    active: number("active"),
    done: number("done"),
    aside: number("aside"),
    cancelled: number("cancelled"),
    rows: sum(own, "rows"),
    failed: sum(own, "failed"),
    rate: recent.length === 0 ? 0 : sum(recent, "rows") / Math.max(1, Math.min(RATE_SECONDS, now - began)),
    failures: own
      .flatMap(({ state, failure, shard, errors }) => (state === "aside" && failure ? [{ ...failure, shard, errors }] : []))
      .slice(0, MOST_FAILURES),
  };
}
