import { Readable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import { expect, test } from "vitest";
import { gatheredInTime } from "./gathered.ts";

/** A source that gives what is pushed into it; null ends it. */
const paused = (): Readable => new Readable({ objectMode: true, read() {} });

const give = (source: Readable, ...values: readonly (string | null)[]): void => {
  for (const value of values) source.push(value);
};

const NEVER = 2 ** 31 - 1;

test("what there is comes while the source pauses, and nothing is lost or twice", async () => {
  const source = paused();
  const gathered = gatheredInTime<string>(source, { most: 1000, patience: 20 });
  give(source, "a", "b");
  expect(await gathered.next()).toEqual({ value: ["a", "b"], done: false });
  const next = gathered.next();
  expect(await Promise.race([next, wait(60, "nothing")])).toBe("nothing");
  give(source, "c");
  expect((await next).value).toEqual(["c"]);
  give(source, "d", "e", null);
  expect((await gathered.next()).value).toEqual(["d", "e"]);
  expect((await gathered.next()).done).toBe(true);
});

test("never more come than are wanted at once, and the last are what is left", async () => {
  const source = paused();
  give(source, "a", "b", "c", "d", "e", null);
  const found: (readonly string[])[] = [];
  for await (const some of gatheredInTime<string>(source, { most: 2, patience: NEVER })) found.push(some);
  expect(found).toEqual([["a", "b"], ["c", "d"], ["e"]]);
});

test("the first waits no longer although others go on coming", async () => {
  const slow = async function* () {
    for (let i = 0; ; i++) {
      yield i;
      await wait(10);
    }
  };
  const gathered = gatheredInTime(slow(), { most: 1000, patience: 100 });
  const { value } = await gathered.next();
  expect(value![0]).toBe(0);
  expect(value!.length).toBeLessThan(20);
  expect((await gathered.next()).value![0]).toBe(value!.length);
  await gathered.return();
});

test("a source that fails while its items are worked on says so when it is asked again", async () => {
  const source = paused();
  const gathered = gatheredInTime<string>(source, { most: 1000, patience: 1 });
  give(source, "a");
  expect((await gathered.next()).value).toEqual(["a"]);
  source.destroy(new Error("the disk is gone"));
  await wait(10);
  await expect(gathered.next()).rejects.toThrow("the disk is gone");
});

test("a source is closed with what is gathered from it", async () => {
  let closed = false;
  const source = (async function* () {
    try {
      yield* ["a", "b", "c"];
    } finally {
      closed = true;
    }
  })();
  const gathered = gatheredInTime(source, { most: 1, patience: NEVER });
  await gathered.next();
  await gathered.return();
  expect(closed).toBe(true);
});
