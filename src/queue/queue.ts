// The interface of queues of shards. A queue hands each shard to one worker at a time, and again when that worker fails or disappears. It is never
// the truth about what is done: that are the manifests beside the parts, so a shard that is handed out twice harms nothing.

import type { Job, Work } from "./job.ts";

/** A shard that a worker holds, until its lease ends. */
export interface Taken {
  readonly id: string;
  /** As the queue has it: readJob checks it. */
  readonly data: unknown;
  /** How often it was handed out before, and how often it failed then. */
  readonly taken: number;
  readonly errors: number;
}

/** Why a shard was not done. */
export interface Failure {
  readonly message: string;
  readonly hint?: string;
  /** Where: the machine's name and the worker's process. */
  readonly worker: string;
}

/** What a finished shard has. */
export interface Finished {
  readonly rows: number;
  /** Photographs that could not be read. */
  readonly failed: number;
}

/** A work in the queue, as `thaw jobs` shows it. */
export interface WorkState {
  readonly id: string;
  readonly work: Work;
  /** Shards in each state. `aside` failed and wait for someone to look at them. */
  readonly waiting: number;
  readonly active: number;
  readonly done: number;
  readonly aside: number;
  readonly cancelled: number;
  readonly rows: number;
  readonly failed: number;
  /** Photographs per second in the last five minutes; 0 if none. */
  readonly rate: number;
  /** The shards that are set aside, at most MOST_FAILURES. */
  readonly failures: readonly (Failure & { readonly shard: number; readonly errors: number })[];
}

export interface ShardQueue {
  /** The queue's address in messages, without a password. */
  readonly name: string;
  /** How long a lease lasts, in seconds: a worker renews it well before. */
  readonly lease: number;
  /** Puts the shards of a work into the queue; those that are in it already are left as they are. Returns how many are new. */
  put(work: Work): Promise<number>;
  /** Hands out a shard; undefined if none waits. */
  take(): Promise<Taken | undefined>;
  /** Renews the lease; false if the shard was cancelled, or handed to another worker. */
  renew(taken: Taken): Promise<boolean>;
  /** All rows are written. */
  finish(taken: Taken, result: Finished): Promise<void>;
  /** The shard could not be done: it waits again, or is set aside as `setsAside` says. */
  fail(taken: Taken, failure: Failure, final: boolean): Promise<void>;
  /** The worker stops, or cannot do the shard: it waits again at once, and no failure is counted. */
  giveBack(taken: Taken): Promise<void>;
  /** Everything that was put, in that order. */
  works(): Promise<readonly WorkState[]>;
  /** Lets the shards of a work that were set aside or cancelled wait again; returns how many. */
  retry(work: string): Promise<number>;
  /** Takes the shards of a work that are not done out of the queue, whoever works on them; returns how many. */
  cancel(work: string): Promise<number>;
  close(): Promise<void>;
}

/** Failures after which a shard is set aside. */
export const MOST_ERRORS = 3;
/** How often a shard is handed out before it is set aside, although no worker lived to say what is wrong with it. */
export const MOST_TAKEN = 10;
/** Whether a failure of a shard that was `taken` sets it aside; one that is `final` does at once. */
export const setsAside = ({ taken, errors }: Taken, final: boolean): boolean =>
  final || errors + 1 >= MOST_ERRORS || taken + 1 >= MOST_TAKEN;
/** What is said of a shard whose workers all disappeared. */
export const DISAPPEARED = `${MOST_TAKEN} workers that took this shard disappeared`;
/** Failures that are listed of a work. */
export const MOST_FAILURES = 100;
/** The seconds over which a rate is measured. */
export const RATE_SECONDS = 300;

/** The shards of a work that somebody still has to do. */
export const unfinished = ({ waiting, active }: WorkState): number => waiting + active;

/** Seconds until a work is done at its present rate; undefined if that cannot be said. */
export function secondsLeft(state: WorkState): number | undefined {
  const { work, rows, rate } = state;
  if (rate <= 0 || unfinished(state) === 0) return undefined;
  return Math.max(0, work.all.photographs - rows) / rate;
}

export type { Job, Work };
