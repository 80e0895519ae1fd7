import { expect, test } from "vitest";
import { Turns } from "./turns.ts";

test("only so many turns go on at once, in the order in which they were asked for, and a turn ends once", async () => {
  const turns = new Turns(2);
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const all = [0, 1, 2, 3].map(async (i) => {
    ends[i] = await turns.take();
    begun.push(i);
  });
  await Promise.all(all.slice(0, 2));
  expect(begun).toEqual([0, 1]);
  ends[1]?.();
  ends[1]?.();
  await all[2];
  expect(begun).toEqual([0, 1, 2]);
  ends[0]?.();
  await all[3];
  expect(begun).toEqual([0, 1, 2, 3]);
});
