// Shards from writing to joining, over a store: every row once, whatever stops, fails or comes twice.

import { expect, test } from "vitest";
import { memoryStore } from "../../test/contract/memory-store.ts";
import type { Store } from "../core/store/store.ts";
import { findShards, joinShards } from "./join.ts";
import { PART_ROWS } from "./manifest.ts";
import { divide } from "./names.ts";
import { hashName, type Shard } from "./shard.ts";
import { type ShardWork, writeShard } from "./write-shard.ts";

const names = Array.from({ length: 2 * PART_ROWS + 700 }, (_, i) => `photos/${(i * 7919) % 9973}.jpg`);
const lineOf = (name: string): string => JSON.stringify({ file: name, error: name.endsWith("7.jpg") ? "broken" : undefined });
const nameOf = (line: string): string => JSON.parse(line).file;

interface Counted extends Omit<ShardWork, "store" | "shard"> {
  /** How many rows were computed. */
  computed: number;
}

function work(changes: Partial<ShardWork> = {}): Counted {
  const counted: Counted = {
    computed: 0,
    names,
    work: { model: "a" },
    about: { columns: 3 },
    async *rows(wanted) {
      for (const name of wanted) {
        counted.computed++;
        yield { line: lineOf(name), failed: name.endsWith("7.jpg") };
      }
    },
    ...changes,
  };
  return counted;
}

const write = (store: Store, shard: Shard, given = work()) => writeShard({ store, shard, ...given });

async function joined(store: Store): Promise<readonly string[]> {
  const rows: string[] = [];
  for await (const row of joinShards(store, await findShards(store), nameOf)) rows.push(row);
  return rows;
}

const expected = names.toSorted().map(lineOf);

test("a shard of another division than the parts in the folder is refused, and leaves nothing there", async () => {
  const store = memoryStore();
  await write(store, { shard: 2, shards: 3 });
  const before = (await store.list("")).map(({ key }) => key).toSorted();
  const given = work();
  // As a task of "sbatch --array=2" takes itself for the first of one.
  await expect(write(store, { shard: 1, shards: 1 }, given)).rejects.toThrow("are of 3 shards, and not of 1");
  expect(given.computed).toBe(0);
  expect((await store.list("")).map(({ key }) => key).toSorted()).toEqual(before);
});

test("a shard that wrote no part leaves the folder to another division", async () => {
  const store = memoryStore();
  const failing = work({
    // biome-ignore lint/correctness/useYield: it fails before the first row
    async *rows() {
      throw new Error("the disk is away");
    },
  });
  await expect(write(store, { shard: 1, shards: 1 }, failing)).rejects.toThrow("the disk is away");
  expect(await store.list("")).toEqual([]);
  await write(store, { shard: 1, shards: 2 });
  // Also without the file that says so.
  await store.delete("division.json");
  await expect(write(store, { shard: 1, shards: 3 })).rejects.toThrow("are of 2 shards, and not of 3");
});

test("the joined rows of any number of shards are those of one process, sorted by name", async () => {
  for (const shards of [1, 2, 7]) {
    const store = memoryStore();
    for (let shard = shards; shard >= 1; shard--) {
      // Each machine lists the folder in another order.
      const given = work({ names: shard % 2 === 0 ? names.toReversed() : names });
      const manifest = await write(store, { shard, shards }, given);
      expect(manifest.rows).toBe(given.computed);
    }
    expect(await joined(store)).toEqual(expected);
    const found = await findShards(store);
    expect([found.rows, found.failed, found.about]).toEqual([
      names.length,
      names.filter((name) => name.endsWith("7.jpg")).length,
      { columns: 3 },
    ]);
  }
});

test("what is complete is not done again; what was stopped goes on at its last part", async () => {
  const store = memoryStore();
  const shard = { shard: 1, shards: 1 };
  let rows = 0;
  const stopping = work({
    async *rows(wanted) {
      for (const name of wanted) {
        if (++rows > 2 * PART_ROWS + 5) throw new Error("killed");
        yield { line: lineOf(name), failed: false };
      }
    },
  });
  await expect(write(store, shard, stopping)).rejects.toThrow("killed");
  await expect(findShards(store)).rejects.toThrow(/1 of 1 shards in .* is not complete: 1\/1/);
  const rest = work();
  await write(store, shard, rest);
  expect(rest.computed).toBe(700);
  const again = work();
  await write(store, shard, again);
  expect(again.computed).toBe(0);
  expect((await joined(store)).map(nameOf)).toEqual(names.toSorted());
});

test("a manifest that a crash cut short, and rows that it left without one, are made again", async () => {
  const [store, shard] = [memoryStore(), { shard: 1, shards: 1 }];
  await write(store, shard);
  const manifests = (await store.list("")).map(({ key }) => key).filter((key) => /part-\d+\.json$/.test(key));
  await store.put("division.json", "");
  await store.put(manifests[1]!, '{"format":"thaw');
  await store.delete(manifests[2]!);
  await store.delete("shard-1-of-1/shard.json");
  const rest = work();
  await write(store, shard, rest);
  expect(rest.computed).toBe(PART_ROWS + 700);
  expect(await joined(store)).toEqual(expected);
});

test("of processes that do the same shard at once, each row is there once; other results than theirs are refused", async () => {
  const [store, shard] = [memoryStore(), { shard: 1, shards: 1 }];
  await Promise.all([write(store, shard), write(store, shard), write(store, shard)]);
  expect(await joined(store)).toEqual(expected);

  const shared = memoryStore();
  const other = work({
    async *rows(wanted) {
      for (const name of wanted) yield { line: lineOf(name).replace("photos", "others"), failed: false };
    },
  });
  const outcomes = await Promise.allSettled([write(shared, shard), write(shared, shard, other)]);
  const refused = outcomes.filter(({ status }) => status === "rejected") as PromiseRejectedResult[];
  expect(refused).toHaveLength(1);
  expect(refused[0]?.reason).toMatchObject({
    name: "UsageError",
    message: expect.stringContaining("by another process, with other results"),
  });
  expect((await shared.list("")).filter(({ key }) => key.endsWith(".jsonl")).length).toBe(3);
  expect(await joined(shared)).toHaveLength(names.length);
});

test.each<[string, Partial<ShardWork>, string]>([
  ["another model", { work: { model: "b" } }, "was made with another model or other options"],
  ["a photograph more", { names: [...names, "new.jpg"] }, "The photographs are not those of"],
  ["a photograph less", { names: names.slice(1) }, "The photographs are not those of"],
  ["another photograph", { names: [...names.slice(1), "new.jpg"] }, "The photographs are not those of"],
])("%s than before is refused, complete or not", async (_, changes, message) => {
  const [store, shard] = [memoryStore(), { shard: 1, shards: 1 }];
  await write(store, shard);
  await expect(write(store, shard, work(changes))).rejects.toMatchObject({ name: "UsageError", message: expect.stringContaining(message) });
  await store.delete("shard-1-of-1/shard.json");
  if (changes.names === undefined)
    await expect(write(store, shard, work(changes))).rejects.toMatchObject({ message: expect.stringContaining(message) });
});

test("a division gives each shard the names that the shard would take of the list, and says when there are none", async () => {
  const division = await divide([...names, ...names.slice(0, 5)], 2);
  expect(division.all.photographs).toBe(names.length + 5);
  expect([...division.of(1).own, ...division.of(2).own].sort()).toEqual(names.toSorted());
  expect((await divide(names.slice(0, 1), 50)).of(1 + ((hashName(names[0] as string) + 1) % 50)).own).toEqual([]);
  const [store, shard] = [memoryStore(), { shard: 2, shards: 2 }];
  await write(store, shard, work({ names: (await divide(names, 2)).of(2) }));
  const again = work();
  await write(store, shard, again);
  expect(again.computed).toBe(0);
});

test("joining says which shards are missing, and what does not belong together", async () => {
  const store = memoryStore();
  await expect(findShards(store)).rejects.toThrow("There are no parts in");
  for (const shard of [2, 13, 15]) await write(store, { shard, shards: 15 });
  await expect(findShards(store)).rejects.toMatchObject({
    message: expect.stringMatching(/^12 of 15 shards in .* are not complete: 1\/15, 3\/15, .*11\/15 and 2 more$/),
    hint: "Run them again, such as with --shard 1/15: what is finished is kept.",
  });
  // As somebody copies two folders of parts into one.
  await store.put("shard-1-of-2/shard.json", "{}");
  await expect(findShards(store)).rejects.toThrow("which are of two divisions");

  const mixed = memoryStore();
  await write(mixed, { shard: 1, shards: 2 });
  await write(mixed, { shard: 2, shards: 2 }, work({ work: { model: "b" } }));
  await expect(findShards(mixed)).rejects.toThrow("with different models or options");
  const changed = memoryStore();
  await write(changed, { shard: 1, shards: 2 });
  await write(changed, { shard: 2, shards: 2 }, work({ names: [...names, "new.jpg"] }));
  await expect(findShards(changed)).rejects.toThrow("of different photographs");
});

test.each<[string, (store: Store, key: string) => Promise<void>]>([
  ["with a changed letter", async (store, key) => store.put(key, (await text(store, key)).replace("photos", "photoz"))],
  ["cut short", async (store, key) => store.put(key, (await text(store, key)).slice(0, -30))],
  ["deleted", (store, key) => store.delete(key)],
  [
    "of another part",
    async (store, key) => store.put(key, await text(store, key.includes("part-000000") ? await fileOf(store, 1) : await fileOf(store, 0))),
  ],
])("a part %s is named, with the way to make it again", async (_, spoil) => {
  const store = memoryStore();
  await write(store, { shard: 1, shards: 1 });
  const key = await fileOf(store, 1);
  await spoil(store, key);
  await expect(joined(store)).rejects.toMatchObject({
    name: "UsageError",
    message: `${store.locate(key)} is missing or damaged`,
    hint: expect.stringContaining("run --shard 1/1 again"),
  });
});

const text = async (store: Store, key: string): Promise<string> => new TextDecoder().decode(await store.get(key));
const fileOf = async (store: Store, part: number): Promise<string> =>
  (await store.list(`shard-1-of-1/part-${`${part}`.padStart(6, "0")}-`))[0]!.key;
