import { expect, test } from "vitest";
import { memoryStore } from "../../../test/contract/memory-store.ts";
import { type Holder, LOCK, type Lock, type Processes, takeLock } from "./lock.ts";
import type { Store } from "./store.ts";

const holder = (pid: number): Holder => ({ pid, host: "here", started: "2026-01-01T00:00:00.000Z" });

/** Processes of which those in `running` run, as the process `own` sees them. */
const table = (own: number, running: ReadonlySet<number>): Processes => ({
  own: holder(own),
  isRunning: ({ pid }) => running.has(pid),
});
const keys = async (store: Store) => (await store.list("")).map(({ key }) => key);

test("one process holds a lock, another is told which, and may have it when it is released", async () => {
  const [store, running] = [memoryStore(), new Set([1, 2])];
  const lock = (await takeLock(store, table(1, running))) as Lock;
  expect(await takeLock(store, table(2, running))).toEqual({ holder: holder(1), key: `${LOCK}1` });
  await lock.release();
  expect(await keys(store)).toEqual([]);
  expect(await takeLock(store, table(2, running))).toHaveProperty("release");
});

test("a dead process's lock is taken over, and so is one that a crash left incomplete", async () => {
  const [store, running] = [memoryStore(), new Set([1, 2, 3])];
  await takeLock(store, table(1, running));
  running.delete(1);
  expect(await takeLock(store, table(2, running))).toHaveProperty("release");
  expect(await keys(store)).toEqual([`${LOCK}2`]);
  await store.put(`${LOCK}2`, '{"pid":');
  expect(await takeLock(store, table(3, running))).toHaveProperty("release");
});

test("of many processes that take over a dead one's lock at once, at most one gets it, and one alone always does", async () => {
  for (let round = 0; round < 50; round++) {
    const store = memoryStore();
    const running = new Set([0]);
    await takeLock(store, table(0, running));
    running.delete(0);
    const pids = [1, 2, 3, 4, 5, 6];
    for (const pid of pids) running.add(pid);
    const slow = slowed(store, round);
    const taken = await Promise.all(pids.map((pid) => takeLock(slow, table(pid, running))));
    expect(taken.filter((result) => "release" in result).length).toBeLessThanOrEqual(1);
    for (const pid of pids) running.delete(pid);
    running.add(7);
    expect(await takeLock(store, table(7, running))).toHaveProperty("release");
  }
});

test("a lock whose taking fails is not held", async () => {
  const [store, running] = [memoryStore(), new Set([1, 2])];
  let lists = 0;
  const failing = { ...store, list: (prefix: string) => (++lists === 2 ? Promise.reject(new Error("EIO")) : store.list(prefix)) };
  await expect(takeLock(failing, table(1, running))).rejects.toThrow("EIO");
  expect(await keys(store)).toEqual([]);
  expect(await takeLock(store, table(2, running))).toHaveProperty("release");
});

test("a lock is released although the disk fails once", async () => {
  const [store, running] = [memoryStore(), new Set([1])];
  let deletions = 0;
  const failing = { ...store, delete: (key: string) => (++deletions === 1 ? Promise.reject(new Error("EIO")) : store.delete(key)) };
  await ((await takeLock(failing, table(1, running))) as Lock).release();
  expect(await keys(store)).toEqual([]);
});

/** `store` whose operations wait for a varying number of turns, so that those of several processes interleave in many ways. */
function slowed(store: Store, seed: number): Store {
  let state = seed + 1;
  const wait = async (): Promise<void> => {
    state = (state * 48_271) % 2_147_483_647;
    for (let turn = state % 7; turn > 0; turn--) await Promise.resolve();
  };
  return {
    ...store,
    list: (prefix) => wait().then(() => store.list(prefix)),
    get: (key) => wait().then(() => store.get(key)),
    create: (key, content) => wait().then(() => store.create(key, content)),
    delete: (key) => wait().then(() => store.delete(key)),
  };
}
