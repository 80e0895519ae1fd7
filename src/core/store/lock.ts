// A lock in a store, for work that only one process may do at a time. It is a value that names its holder; a dead process's lock is taken
// over. The values are numbered: a takeover creates the next number, which succeeds for one process only, and then deletes the older ones.

import * as v from "valibot";
import { parseJsonOrNothing } from "../json.ts";
import type { Store } from "./store.ts";

const holderSchema = v.object({
  pid: v.pipe(v.number(), v.safeInteger()),
  host: v.pipe(v.string(), v.maxLength(1000)),
  /** When the process started, in ISO 8601. */
  started: v.pipe(v.string(), v.isoTimestamp()),
  /** What tells the process from others with its number, if the system knows it. */
  identity: v.optional(v.pipe(v.string(), v.maxLength(1000))),
});

/** The process that holds a lock; in a browser, the tab or worker. */
export type Holder = v.InferOutput<typeof holderSchema>;

/** What a lock needs to know about processes. */
export interface Processes {
  /** The process that runs this. */
  readonly own: Holder;
  /** Whether a process runs; true if that cannot be known from here, because it is another machine's. */
  isRunning(holder: Holder): boolean | Promise<boolean>;
}

/** A lock that is held. */
export interface Lock {
  release(): Promise<void>;
}

/** The prefix of a lock's keys. */
export const LOCK = "lock/";
/** A lock's value is a few hundred bytes. */
const LONGEST = 10_000;
const ATTEMPTS = 20;

/** Takes the lock of `store`; if a running process holds it, returns that process and the key of its lock. Throws if it cannot be written. */
export async function takeLock(store: Store, processes: Processes): Promise<Lock | { readonly holder: Holder; readonly key: string }> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const before = await locksIn(store);
    const held = await firstHeld(before, processes);
    if (held) return { holder: held.holder, key: held.key };
    const key = `${LOCK}${1 + Math.max(0, ...before.map(({ number }) => number))}`;
    if (!(await store.create(key, JSON.stringify(processes.own)))) continue;
    try {
      // Another process may have listed the locks before this one's was there, and found none.
      const others = (await locksIn(store)).filter((lock) => lock.key !== key);
      const other = await firstHeld(others, processes);
      if (other) {
        await store.delete(key);
        return { holder: other.holder, key: other.key };
      }
      for (const old of before) await store.delete(old.key);
    } catch (error) {
      // This process goes on, so nobody could take the lock over.
      await store.delete(key).catch(() => {});
      throw error;
    }
    // As long as this process lives, nobody could take over a lock that it failed to delete: so it tries twice.
    return { release: () => store.delete(key).catch(() => store.delete(key)) };
  }
  throw new Error(`The lock ${store.locate(LOCK)} changes all the time`);
}

interface Found {
  readonly key: string;
  readonly number: number;
  /** Undefined if a crash left the value incomplete. */
  readonly holder: Holder | undefined;
}

/** The first of `locks` whose holder runs. */
async function firstHeld(locks: readonly Found[], processes: Processes): Promise<(Found & { readonly holder: Holder }) | undefined> {
  for (const { holder, ...lock } of locks) if (holder && (await processes.isRunning(holder))) return { ...lock, holder };
  return undefined;
}

async function locksIn(store: Store): Promise<readonly Found[]> {
  const numbered = (await store.list(LOCK)).flatMap(({ key, bytes }) => {
    const number = /^[1-9]\d{0,8}$/.test(key.slice(LOCK.length)) ? Number(key.slice(LOCK.length)) : undefined;
    return number === undefined || bytes > LONGEST ? [] : [{ key, number }];
  });
  return Promise.all(numbered.map(async (lock) => ({ ...lock, holder: holderIn(await store.get(lock.key)) })));
}

function holderIn(bytes: Uint8Array | undefined): Holder | undefined {
  const found = v.safeParse(holderSchema, parseJsonOrNothing(bytes, { bytes: LONGEST }));
  return found.success ? found.output : undefined;
}
