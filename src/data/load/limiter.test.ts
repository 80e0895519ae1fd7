// A long list is gone through some items at a time: what waits is not even looked at, and a failure begins no more.

import { expect, test } from "vitest";
import { counted } from "../../../test/data/counted.ts";
import { mapLimited } from "./limiter.ts";

test("an item is taken only when it is its turn, and results keep the order", async () => {
  const items = counted(Array.from({ length: 100 }, (_, i) => i));
  let done = 0;
  const ahead: number[] = [];
  const results = await mapLimited(items.list, 3, async (item, index) => {
    // Every third takes longer than its neighbours.
    for (let turn = item % 3; turn >= 0; turn--) await undefined;
    ahead.push(items.taken() - done++);
    return [item, index];
  });
  expect(Math.max(...ahead)).toBe(3);
  expect(results).toEqual(Array.from({ length: 100 }, (_, i) => [i, i]));
});

test("the first failure is thrown when what ran beside it has ended, and nothing more is begun", async () => {
  const begun: number[] = [];
  const ended: number[] = [];
  const run = mapLimited([0, 1, 2, 3, 4, 5], 3, async (item) => {
    begun.push(item);
    if (item === 1) throw new Error("the second");
    for (let turn = 0; turn < 10; turn++) await undefined;
    ended.push(item);
    if (item === 2) throw new Error("the third");
  });
  await expect(run).rejects.toThrow("the second");
  expect([begun, ended]).toEqual([
    [0, 1, 2],
    [0, 2],
  ]);
});

test("an abort is thrown with its reason when what runs has ended", async () => {
  const stop = new AbortController();
  const ended: number[] = [];
  const run = mapLimited(
    [0, 1, 2, 3, 4, 5],
    2,
    async (item) => {
      if (item === 2) stop.abort(new Error("enough"));
      await undefined;
      ended.push(item);
    },
    stop.signal,
  );
  await expect(run).rejects.toThrow("enough");
  expect(ended).toEqual([0, 1, 2]);
});
