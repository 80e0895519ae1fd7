// A worker: takes shards from a queue and has an engine do them, one after another. It renews the lease while the engine computes, and says what
// became of each shard. The engine is a process of its own, so nothing that it does holds a renewal up.

import { UsageError } from "../core/errors.ts";
import { isAway } from "./away.ts";
import { isNewer, type Job, readJob } from "./job.ts";
import { type ShardQueue, setsAside, type Taken, unfinished } from "./queue.ts";

/** What became of a shard: done; or stopped, by the signal; or why not. */
export type Outcome =
  | { readonly kind: "done"; readonly rows: number; readonly failed: number }
  | { readonly kind: "stopped" }
  /**
   * A "mistake" would be one on any machine, such as other parts in the folder; a machine that is "unfit" has another model or other photographs;
   * "system" is a disk that fails; a "crash" is anything else.
   */
  | { readonly kind: "mistake" | "unfit" | "system" | "crash"; readonly message: string; readonly hint?: string };

export interface Engine {
  /** Does a shard, or the rest of it. Never rejects. */
  run(job: Job, signal: AbortSignal): Promise<Outcome>;
  close(): Promise<void>;
}

export type WorkerEvent =
  | { readonly event: "taken"; readonly job: Job; readonly taken: number }
  /** `aside` says that the shard is set aside. */
  | { readonly event: "outcome"; readonly job: Job; readonly outcome: Outcome; readonly seconds: number; readonly aside?: true }
  /** Cancelled, or handed to another worker, because the queue did not hear of this one in time. */
  | { readonly event: "lost"; readonly job: Job }
  /** The queue's server cannot be reached; the worker tries again. */
  | { readonly event: "away"; readonly message: string };

export interface WorkerOptions {
  readonly signal: AbortSignal;
  /** Whether to wait for work when all is done. */
  readonly wait: boolean;
  /** Its name in the queue: the machine, and the process. */
  readonly name: string;
  /** The current time, in seconds. */
  readonly seconds: () => number;
  onEvent(event: WorkerEvent): void;
}

/** Why a worker ended: nothing was left, but for what is set aside; the signal; or what is wrong with this machine or the queue's server. */
export type WorkerEnd =
  | { readonly why: "idle"; readonly aside: number }
  | { readonly why: "stopped" }
  | { readonly why: "unfit" | "system" | "away"; readonly message: string; readonly hint?: string };

/** Seconds between two questions to an empty queue, and between two renewals at most. */
const [ASK, RENEW] = [1, 10];
/** Failures of the disk in a row after which a worker gives up, and the seconds that it waits after the first; each further wait is twice as long. */
const [MOST_STRIKES, STRIKE] = [5, 2];
/** Seconds for which a server may be away before a worker gives up, and for which one that was told to stop tries to say so. */
const [AWAY, FAREWELL] = [600, 5];

/** Works until nothing is left, the signal says so, or this machine cannot. Throws what is neither the queue's server's nor the engine's fault. */
export async function work(queue: ShardQueue, engine: Engine, options: WorkerOptions): Promise<WorkerEnd> {
  const { signal, wait, onEvent, seconds } = options;
  let strikes = 0;
  try {
    for (;;) {
      const taken = await persist(options, AWAY, () => queue.take());
      if (!taken) {
        const works = wait ? [] : await persist(options, AWAY, () => queue.works());
        if (!wait && works.every((state) => unfinished(state) === 0))
          return { why: "idle", aside: works.reduce((sum, { aside }) => sum + aside, 0) };
        await pause(ASK, signal);
        continue;
      }
      const job = await checked(queue, taken, options);
      if (!job) continue;
      onEvent({ event: "taken", job, taken: taken.taken });
      const began = seconds();
      const { outcome, lost } = await underLease(queue, taken, job, engine, signal);
      if (lost && outcome.kind !== "done") {
        onEvent({ event: "lost", job });
        continue;
      }
      await settle(queue, taken, outcome, options);
      const failed = outcome.kind === "mistake" || outcome.kind === "crash";
      const aside = failed && setsAside(taken, outcome.kind === "mistake");
      onEvent({ event: "outcome", job, outcome, seconds: seconds() - began, ...(aside && { aside }) });
      if (outcome.kind === "stopped") return { why: "stopped" };
      if (outcome.kind === "unfit") return { ...outcome, why: "unfit" };
      strikes = outcome.kind === "system" ? strikes + 1 : 0;
      if (outcome.kind === "system" && strikes >= MOST_STRIKES) return { ...outcome, why: "system" };
      if (strikes > 0) await pause(STRIKE * 2 ** (strikes - 1), signal);
    }
  } catch (error) {
    if (signal.aborted) return { why: "stopped" };
    if (error instanceof UnfitError) return { why: "unfit", message: error.message, ...(error.hint !== undefined && { hint: error.hint }) };
    if (!isAway(error)) throw error;
    return { why: "away", message: `${queue.name} could not be reached for ${AWAY / 60} minutes: ${(error as Error).message}` };
  } finally {
    await engine.close();
  }
}

/** A shard of a newer version of thaw, which others may be able to do. */
class UnfitError extends UsageError {}

/** The job of `taken`; undefined if it was none, and is set aside. */
async function checked(queue: ShardQueue, taken: Taken, options: WorkerOptions): Promise<Job | undefined> {
  try {
    return readJob(taken.data);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const { message, hint } = error;
    if (isNewer(taken.data)) {
      await persist(options, AWAY, () => queue.giveBack(taken));
      throw new UnfitError(message, hint);
    }
    await persist(options, AWAY, () => queue.fail(taken, { message, worker: options.name }, true));
    return undefined;
  }
}

async function underLease(
  queue: ShardQueue,
  taken: Taken,
  job: Job,
  engine: Engine,
  signal: AbortSignal,
): Promise<{ outcome: Outcome; lost: boolean }> {
  const lost = new AbortController();
  // A server that is away gets the next renewal, or hears at the end what became of the shard.
  const renew = (): void =>
    void queue.renew(taken).then(
      (held) => held || lost.abort(),
      () => {},
    );
  const renewing = setInterval(renew, 1000 * Math.min(RENEW, queue.lease / 3));
  try {
    const outcome = await engine.run(job, AbortSignal.any([signal, lost.signal]));
    return { outcome, lost: lost.signal.aborted };
  } finally {
    clearInterval(renewing);
  }
}

async function settle(queue: ShardQueue, taken: Taken, outcome: Outcome, options: WorkerOptions): Promise<void> {
  switch (outcome.kind) {
    case "done":
      return persist({ ...options, signal: NEVER }, AWAY, () => queue.finish(taken, { rows: outcome.rows, failed: outcome.failed }));
    case "mistake":
    case "crash": {
      const { kind, ...failure } = outcome;
      return persist(options, AWAY, () => queue.fail(taken, { ...failure, worker: options.name }, kind === "mistake"));
    }
    default:
      // If that fails, the shard is handed out when its lease ends.
      return persist({ ...options, signal: NEVER }, FAREWELL, () => queue.giveBack(taken)).catch(() => {});
  }
}

const NEVER = new AbortController().signal;

/** Repeats `ask` while the queue's server is away, for `most` seconds. */
async function persist<T>({ signal, seconds, onEvent }: WorkerOptions, most: number, ask: () => Promise<T>): Promise<T> {
  const began = seconds();
  for (let wait = 0.25; ; wait = Math.min(2 * wait, 10)) {
    try {
      return await ask();
    } catch (error) {
      if (!isAway(error) || seconds() - began > most) throw error;
      if (wait >= 1) onEvent({ event: "away", message: (error as Error).message });
    }
    await pause(wait, signal);
  }
}

/** Waits; throws the signal's reason once it is aborted. */
function pause(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, 1000 * seconds);
    signal.addEventListener("abort", stop, { once: true });
  });
}
