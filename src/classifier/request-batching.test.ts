// Requests made during work become one batch.

import { expect, test } from "vitest";
import { batchRequests } from "./request-batching.ts";

test("requests made during work form the next batch, and a failure affects only its own batch", async () => {
  const batches: number[][] = [];
  const double = batchRequests(async (items: readonly number[]) => {
    batches.push([...items]);
    await new Promise((resolve) => setImmediate(resolve));
    if (items.includes(4)) throw new Error("four");
    return items.map((item) => 2 * item);
  }, 3);
  const first = [1, 2].map(double);
  await Promise.resolve();
  const later = [3, 4, 5, 6].map(double);
  expect(await Promise.all(first)).toEqual([2, 4]);
  expect((await Promise.allSettled(later)).map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected", "fulfilled"]);
  expect(batches).toEqual([[1, 2], [3, 4, 5], [6]]);
});
