// What a worker does with a shard and its lease, whatever becomes of its engine, its queue's server and itself; with engines that only pretend.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Job, readJob, type Work, workId } from "./job.ts";
import { memoryQueue } from "./memory.ts";
import type { ShardQueue, WorkState } from "./queue.ts";
import { type Engine, type Outcome, type WorkerEvent, work } from "./worker.ts";

const given: Work = {
  folder: "/data",
  model: "model",
  work: "cd".repeat(32),
  paths: ["album"],
  out: "parts",
  shards: 3,
  all: { photographs: 30, names: 1 },
};
const done: Outcome = { kind: "done", rows: 10, failed: 1 };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** An engine whose outcomes `of` says, and what it was asked. */
function pretend(of: (job: Job, signal: AbortSignal, time: number) => Outcome | Promise<Outcome>) {
  const asked: number[] = [];
  const engine: Engine & { closed: boolean } = {
    closed: false,
    async run(job, signal) {
      asked.push(job.shard);
      return of(job, signal, asked.length);
    },
    async close() {
      engine.closed = true;
    },
  };
  return { engine, asked };
}

const untilAborted = (signal: AbortSignal): Promise<Outcome> =>
  new Promise((resolve) => signal.addEventListener("abort", () => resolve({ kind: "stopped" })));

async function run(queue: ShardQueue, engine: Engine, signal = new AbortController().signal) {
  const events: WorkerEvent[] = [];
  const ending = work(queue, engine, {
    signal,
    wait: false,
    name: "here 1",
    seconds: () => Date.now() / 1000,
    onEvent: (event) => events.push(event),
  });
  let ended = false;
  void ending.then(() => {
    ended = true;
  });
  for (let step = 0; !ended && step < 2000; step++) await vi.advanceTimersByTimeAsync(500);
  return { end: await ending, events };
}

const newQueue = () => memoryQueue(() => Date.now() / 1000);
const onlyState = async (queue: ShardQueue): Promise<WorkState> => (await queue.works())[0] as WorkState;

test("does every shard once, and ends when nothing is left", async () => {
  const queue = newQueue();
  await queue.put(given);
  const { engine, asked } = pretend(() => done);
  const { end } = await run(queue, engine);
  expect([end, asked, engine.closed]).toEqual([{ why: "idle", aside: 0 }, [1, 2, 3], true]);
  expect(await onlyState(queue)).toMatchObject({ done: 3, rows: 30, failed: 3 });
});

test("tries a shard three times whose engine crashes, once if no machine could do it, and does the others", async () => {
  const queue = newQueue();
  await queue.put(given);
  const { engine, asked } = pretend(({ shard }) =>
    shard === 1 ? { kind: "crash", message: "killed" } : shard === 2 ? { kind: "mistake", message: "other parts", hint: "Choose." } : done,
  );
  const { end, events } = await run(queue, engine);
  expect(end).toEqual({ why: "idle", aside: 2 });
  expect(asked.toSorted()).toEqual([1, 1, 1, 2, 3]);
  const outcomes = events.filter((event) => event.event === "outcome").map(({ job, aside = false }) => [job.shard, aside]);
  expect(outcomes.toSorted()).toEqual([
    [1, false],
    [1, false],
    [1, true],
    [2, true],
    [3, false],
  ]);
  expect(await onlyState(queue)).toMatchObject({
    done: 1,
    aside: 2,
    failures: [
      { shard: 1, errors: 3, message: "killed", worker: "here 1" },
      { shard: 2, errors: 1, message: "other parts", hint: "Choose." },
    ],
  });
});

test("gives a shard back that this machine cannot do, says why and ends; another machine does it", async () => {
  const queue = newQueue();
  await queue.put(given);
  const unfit = { kind: "unfit", message: "another model", hint: "Copy it." } as const;
  const { end, events } = await run(queue, pretend(() => unfit).engine);
  expect(end).toMatchObject({ why: "unfit", message: "another model", hint: "Copy it." });
  expect(events.at(-1)).toMatchObject({ event: "outcome", outcome: unfit });
  expect(await onlyState(queue)).toMatchObject({ waiting: 3, aside: 0 });
  expect((await run(queue, pretend(() => done).engine)).end).toEqual({ why: "idle", aside: 0 });
});

test("gives its shard back when it is told to stop", async () => {
  const queue = newQueue();
  await queue.put(given);
  const stop = new AbortController();
  const { engine, asked } = pretend((_, signal, time) => {
    if (time === 1) return done;
    setTimeout(() => stop.abort(), 100);
    return untilAborted(signal);
  });
  expect((await run(queue, engine, stop.signal)).end).toEqual({ why: "stopped" });
  expect([asked.length, engine.closed]).toEqual([2, true]);
  expect(await onlyState(queue)).toMatchObject({ done: 1, waiting: 2, active: 0 });
});

test("leaves a shard that was taken from it, and goes on with the next", async () => {
  const queue = newQueue();
  await queue.put(given);
  let renewals = 0;
  const other: ShardQueue = {
    ...queue,
    lease: 6,
    async renew(taken) {
      // Meanwhile another worker got it, and did it.
      if (++renewals === 3) await queue.finish(taken, { rows: 7, failed: 0 });
      return queue.renew(taken);
    },
  };
  const { engine, asked } = pretend(({ shard }, signal) => (shard === 1 ? untilAborted(signal) : done));
  const { end, events } = await run(other, engine);
  expect([end, asked, renewals]).toEqual([{ why: "idle", aside: 0 }, [1, 2, 3], 3]);
  expect(events).toContainEqual({ event: "lost", job: expect.objectContaining({ shard: 1 }) });
  expect(await onlyState(queue)).toMatchObject({ done: 3, rows: 27 });
});

test("keeps asking a server that is away, loses no result, and gives up after ten minutes", async () => {
  const queue = newQueue();
  await queue.put({ ...given, shards: 1 });
  const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
  let away = 0;
  const shaky: ShardQueue = {
    ...queue,
    finish: (...result) => (++away <= 6 ? Promise.reject(refused) : queue.finish(...result)),
  };
  const { engine, asked } = pretend(() => done);
  const { end, events } = await run(shaky, engine);
  expect([end, asked]).toEqual([{ why: "idle", aside: 0 }, [1]]);
  expect(events.filter(({ event }) => event === "away").length).toBeGreaterThan(0);
  expect(await onlyState(queue)).toMatchObject({ done: 1 });
  const gone = await run({ ...queue, take: () => Promise.reject(refused) }, pretend(() => done).engine);
  expect(gone.end).toMatchObject({ why: "away", message: expect.stringContaining("10 minutes: connect ECONNREFUSED") });
  const broken = Object.assign(new Error("syntax error"), { code: "42601" });
  await expect(work({ ...queue, take: () => Promise.reject(broken) }, engine, options())).rejects.toThrow("syntax error");
});

const options = () => ({
  signal: new AbortController().signal,
  wait: false,
  name: "here",
  seconds: () => Date.now() / 1000,
  onEvent: () => {},
});

test("gives shards back while its disk fails, waits longer each time, and ends at the fifth failure in a row", async () => {
  const queue = newQueue();
  await queue.put(given);
  const began = Date.now();
  const { engine, asked } = pretend(() => ({ kind: "system", message: "the disk is full" }));
  expect((await run(queue, engine)).end).toMatchObject({ why: "system", message: "the disk is full" });
  expect(asked.length).toBe(5);
  expect((Date.now() - began) / 1000).toBeGreaterThanOrEqual(2 + 4 + 8 + 16);
  expect(await onlyState(queue)).toMatchObject({ waiting: 3, aside: 0 });
});

test("sets a job aside that is none of thaw's, and leaves one of a newer version to newer workers", async () => {
  const queue = newQueue();
  await queue.put({ ...given, shards: 1 });
  const { engine, asked } = pretend(() => done);
  const changed = (data: (job: object) => unknown): ShardQueue => ({
    ...queue,
    async take() {
      const taken = await queue.take();
      return taken && { ...taken, data: data(taken.data as object) };
    },
  });
  const newer = await run(
    changed((job) => ({ ...job, version: 2, more: true })),
    engine,
  );
  expect(newer.end).toMatchObject({ why: "unfit", hint: "Update thaw here." });
  expect(await onlyState(queue)).toMatchObject({ waiting: 1 });
  expect(
    (
      await run(
        changed((job) => ({ ...job, out: "" })),
        engine,
      )
    ).end,
  ).toEqual({ why: "idle", aside: 1 });
  expect(asked).toEqual([]);
  expect(await onlyState(queue)).toMatchObject({ aside: 1, failures: [{ message: expect.stringContaining("no shard of thaw's: out") }] });
});

test.each([
  [{}, "format"],
  [{ ...given, format: "thaw shard of predictions", version: 1, shard: 4 }, "its number is too large"],
  [{ ...given, format: "thaw shard of predictions", version: 1, shard: 1, folder: "a\0b" }, "folder"],
  [{ ...given, format: "thaw shard of predictions", version: 1, shard: 1, list: [] }, "list"],
  [{ ...given, format: "thaw shard of predictions", version: 1, shard: 1, command: "rm" }, "command"],
  [null, "Object"],
])("%j is refused as a job", (data, message) => {
  expect(() => readJob(data)).toThrow(expect.objectContaining({ name: "UsageError", message: expect.stringContaining(message) }));
});

test("another model, division or folder is another work; the same is the same", () => {
  const ids = [given, { ...given, shards: 4 }, { ...given, work: "00".repeat(32) }, { ...given, out: "others" }].map(workId);
  expect(new Set(ids).size).toBe(4);
  expect(workId({ ...given })).toBe(ids[0]);
});
