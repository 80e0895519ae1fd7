// Both kinds of queue against one contract: that of this process, and pg-boss in a database, which is PostgreSQL in WebAssembly here, and a server
// where one is found.

import { PGlite } from "@electric-sql/pglite";
import { fromPglite } from "pg-boss";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findPostgres } from "../../test/fixtures/postgres.ts";
import { readJob, type Work, workId } from "./job.ts";
import { memoryQueue } from "./memory.ts";
import { openPgBoss } from "./pg-boss.node.ts";
import { MOST_ERRORS, type ShardQueue, secondsLeft, type Taken, unfinished } from "./queue.ts";

let numbers = 0;
const newWork = (changes: Partial<Work> = {}): Work => ({
  folder: `/data/${++numbers}`,
  model: "photos-model",
  work: "ab".repeat(32),
  paths: ["album"],
  out: "parts",
  shards: 3,
  all: { photographs: 3000, names: 12_345 },
  ...changes,
});
const failure = { message: "the disk is on fire", hint: "Put it out.", worker: "here 1" };
const taking = async (queue: ShardQueue): Promise<Taken> => {
  const taken = await queue.take();
  expect(taken).toBeDefined();
  return taken as Taken;
};

const server = findPostgres();
describe.each([
  { kind: "of this process", open: async () => ({ queue: memoryQueue(() => performance.now() / 1000), end: async () => {} }) },
  {
    kind: "in PGlite",
    async open() {
      const database = await PGlite.create();
      const queue = await openPgBoss({ name: "PGlite", database: fromPglite(database), create: true });
      return { queue, end: () => database.close() };
    },
  },
  {
    kind: server ? "in PostgreSQL" : "in PostgreSQL (skipped: no server's binaries here)",
    async open() {
      const started = await (server as NonNullable<typeof server>)();
      const queue = await openPgBoss({ name: "PostgreSQL", database: started.url, create: true });
      return { queue, end: () => started.remove() };
    },
  },
])("a queue $kind", ({ kind, open }) => {
  if (kind.includes("skipped")) return void test.skip("has the same contract");
  let [queue, end] = [undefined as unknown as ShardQueue, async (): Promise<void> => {}];
  beforeAll(async () => {
    ({ queue, end } = await open());
  });
  afterAll(async () => {
    await queue.close();
    await end();
  });
  const stateOf = async (work: Work) => (await queue.works()).find(({ id }) => id === workId(work));
  const finishAll = async () => {
    for (let taken = await queue.take(); taken; taken = await queue.take()) await queue.finish(taken, { rows: 1000, failed: 1 });
  };

  test("hands out each shard of a work once, however often the work is put", async () => {
    const work = newWork();
    expect([await queue.put(work), await queue.put(work)]).toEqual([3, 0]);
    const taken = [await taking(queue), await taking(queue), await taking(queue)];
    expect(await queue.take()).toBeUndefined();
    expect(taken.map(({ data }) => readJob(data).shard).sort()).toEqual([1, 2, 3]);
    expect(readJob(taken[0]?.data)).toEqual({ format: "thaw shard of predictions", version: 1, ...work, shard: expect.any(Number) });
    expect(await stateOf(work)).toMatchObject({ waiting: 0, active: 3, done: 0, work });
    for (const each of taken) {
      expect(await queue.renew(each)).toBe(true);
      await queue.finish(each, { rows: 1000, failed: 2 });
      expect(await queue.renew(each)).toBe(false);
    }
    expect(await queue.put(work)).toBe(0);
    const state = await stateOf(work);
    expect(state).toMatchObject({ waiting: 0, active: 0, done: 3, rows: 3000, failed: 6, failures: [] });
    expect(state?.rate).toBeGreaterThan(0);
    expect(unfinished(state!)).toBe(0);
    expect(secondsLeft(state!)).toBeUndefined();
  });

  test("sets a shard aside after three failures, with the last one's words, until somebody retries it", async () => {
    const work = newWork({ shards: 1 });
    await queue.put(work);
    for (let errors = 0; errors < MOST_ERRORS; errors++) {
      const taken = await taking(queue);
      expect(taken.errors).toBe(errors);
      await queue.fail(taken, { ...failure, message: `failure ${errors}` }, false);
    }
    expect(await queue.take()).toBeUndefined();
    expect(await stateOf(work)).toMatchObject({ aside: 1, failures: [{ ...failure, message: "failure 2", shard: 1, errors: 3 }] });
    expect([await queue.retry(workId(work)), await queue.retry(workId(work))]).toEqual([1, 0]);
    const again = await taking(queue);
    expect([again.taken, again.errors]).toEqual([0, 0]);
    await queue.fail(again, failure, true);
    expect(await stateOf(work)).toMatchObject({ aside: 1, waiting: 0, failures: [{ ...failure, errors: 1 }] });
  });

  test("hands out at once a shard that was given back, and counts no failure", async () => {
    const work = newWork({ shards: 1 });
    await queue.put(work);
    for (let i = 0; i < 12; i++) {
      const taken = await taking(queue);
      expect(taken.errors).toBe(0);
      await queue.giveBack(taken);
    }
    await finishAll();
    expect(await stateOf(work)).toMatchObject({ done: 1, aside: 0 });
  });

  test("a worker that lost its shard can neither renew, finish, fail nor give back what another holds now", async () => {
    const work = newWork({ shards: 1 });
    await queue.put(work);
    const lost = await taking(queue);
    await queue.fail(lost, failure, false);
    const held = await taking(queue);
    expect(await queue.renew(lost)).toBe(false);
    await queue.finish(lost, { rows: 1, failed: 0 });
    await queue.fail(lost, failure, true);
    await queue.giveBack(lost);
    expect(await stateOf(work)).toMatchObject({ active: 1, rows: 0 });
    expect(await queue.renew(held)).toBe(true);
    await queue.finish(held, { rows: 10, failed: 0 });
    expect(await stateOf(work)).toMatchObject({ done: 1, rows: 10 });
  });

  test("takes a cancelled work's shards from their workers, and keeps what is done", async () => {
    const [work, other] = [newWork(), newWork({ shards: 1 })];
    await queue.put(work);
    const [done, active] = [await taking(queue), await taking(queue)];
    await queue.finish(done, { rows: 1000, failed: 0 });
    await queue.put(other);
    expect(await queue.cancel(workId(work))).toBe(2);
    expect(await queue.renew(active)).toBe(false);
    expect(await stateOf(work)).toMatchObject({ done: 1, cancelled: 2, waiting: 0, active: 0 });
    expect(await stateOf(other)).toMatchObject({ waiting: 1, cancelled: 0 });
    expect(await queue.retry(workId(work))).toBe(2);
    await finishAll();
    expect(await stateOf(work)).toMatchObject({ done: 3, cancelled: 0 });
  });
});
