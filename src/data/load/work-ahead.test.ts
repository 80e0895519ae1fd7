// Back-pressure, order and every way to end early, with work that the test itself finishes.

import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { workAhead } from "./work-ahead.ts";

const count = (length: number) => Array.from({ length }, (_, i) => i);

test("results come in the order of the tasks, whichever is done first", async () => {
  const finishers: (() => void)[] = [];
  const results = workAhead(count(3), (task) => new Promise<number>((resolve) => finishers.push(() => resolve(task * 10))), 2);
  const first = results.next();
  for (const finish of finishers.reverse()) finish();
  expect([(await first).value, (await results.next()).value, (await results.next()).value]).toEqual([0, 10, 20]);
  expect((await results.next()).done).toBe(true);
});

test.each([0, 1, 2, 5])("a slow taker has one result in its hands and %i more begun, never more", async (ahead) => {
  let begun = 0;
  let taken = 0;
  let most = 0;
  const work = async (task: number) => {
    begun++;
    return task;
  };
  for await (const result of workAhead(count(40), work, ahead)) {
    expect(result).toBe(taken++);
    // As long as a slow taker takes: whatever could be begun has been.
    await new Promise(setImmediate);
    most = Math.max(most, begun - taken);
  }
  expect([most, begun]).toEqual([ahead, 40]);
});

test("a million tasks take no more memory than a thousand", async () => {
  function* numbers(length: number) {
    for (let i = 0; i < length; i++) yield i;
  }
  const memoryAfter = async (length: number) => {
    let most = 0;
    let seen = 0;
    for await (const batch of workAhead(numbers(length), async (task) => new Float64Array(8).fill(task), 2))
      if (batch[0] === seen && ++seen % 1000 === 0) most = Math.max(most, process.memoryUsage().heapUsed);
    expect(seen).toBe(length);
    return most;
  };
  const few = await memoryAfter(1000);
  // The collector runs when it likes; kept results would take more than 200 MB.
  expect((await memoryAfter(1_000_000)) - few).toBeLessThan(80e6);
});

test("leaving the loop stops the work and reads no further task", async () => {
  const signals: AbortSignal[] = [];
  let ended = false;
  function* tasks() {
    try {
      for (let i = 0; ; i++) yield i;
    } finally {
      ended = true;
    }
  }
  const work = (task: number, stopped: AbortSignal) => {
    signals.push(stopped);
    return Promise.resolve(task);
  };
  for await (const task of workAhead(tasks(), work, 3)) if (task === 5) break;
  expect([signals.length, ended, signals.every(({ aborted }) => aborted)]).toEqual([9, true, true]);
});

test("a failure is thrown when its turn comes, after the results before it, and stops the rest", async () => {
  const seen: number[] = [];
  let stopped: AbortSignal | undefined;
  const work = async (task: number, signal: AbortSignal) => {
    stopped = signal;
    if (task >= 2) throw new Error(`task ${task} failed`);
    return task;
  };
  const run = async () => {
    for await (const task of workAhead(count(9), work, 4)) seen.push(task);
  };
  await expect(run()).rejects.toThrow("task 2 failed");
  expect([seen, stopped?.aborted]).toEqual([[0, 1], true]);
});

test("an abort ends a wait for work that never ends, with its reason, and leaves no listener", async () => {
  const controller = new AbortController();
  const signals: AbortSignal[] = [];
  const never = (_: number, stopped: AbortSignal) => {
    signals.push(stopped);
    return new Promise<number>(() => undefined);
  };
  const waiting = workAhead(count(9), never, 1, controller.signal).next();
  controller.abort(new Error("enough"));
  await expect(waiting).rejects.toThrow("enough");
  expect([signals.length, signals.every(({ aborted }) => aborted)]).toEqual([2, true]);
  expect(getEventListeners(controller.signal, "abort")).toEqual([]);
});

test("an abort stops the work at once, also while the taker is busy with a result", async () => {
  const controller = new AbortController();
  let stopped: AbortSignal | undefined;
  const work = async (task: number, signal: AbortSignal) => {
    stopped = signal;
    return task;
  };
  const results = workAhead(count(9), work, 1, controller.signal);
  await results.next();
  controller.abort(new Error("enough"));
  expect(stopped?.aborted).toBe(true);
  await expect(results.next()).rejects.toThrow("enough");
});
