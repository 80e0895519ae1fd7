// An entry that several processes make at once, each a share of its chunks.

import { expect, test } from "vitest";
import { memoryStore } from "../../../../test/contract/memory-store.ts";
import { allRows, counting, expectedRows, numbered, opened } from "../../../../test/fixtures/synthetic.ts";
import { hashBytes } from "../../../core/hash.ts";
import type { Store } from "../../../core/store/store.ts";
import { listEntries, removeActivations } from "./list.ts";
import type { Activations } from "./open.ts";

const items = numbered(300);
/** 64 rows to a chunk, so that there are five. */
const WIDTH = 16_384;

const CHUNK = /\/c\.\d+\.0$/;

/** The hashes of the chunks, which have megabytes. */
async function chunksIn(store: Store): Promise<ReadonlyMap<string, string>> {
  const keys = (await store.list("activations/")).map(({ key }) => key).filter((key) => CHUNK.test(key));
  return new Map(await Promise.all(keys.sort().map(async (key) => [key, hashBytes((await store.get(key)) as Uint8Array)] as const)));
}

/** Whether the rows are those that each image stands for. */
async function sameRows(activations: Activations): Promise<boolean> {
  return hashOf(await allRows(activations, 300)) === hashOf(expectedRows(300, WIDTH));
}

const hashOf = ({ buffer, byteOffset, byteLength }: Float32Array): string => hashBytes(new Uint8Array(buffer, byteOffset, byteLength));

test("three shares at once are the chunks of one process, to the bit, and whoever reads them computes nothing", async () => {
  const [alone, shared] = [memoryStore(), memoryStore()];
  await opened(alone, items, counting([WIDTH]));
  const parts = await Promise.all(
    [1, 2, 3].map(async (shard) => {
      const frozen = counting([WIDTH]);
      await opened(shared, items, frozen, { share: { shard, shards: 3 } });
      return frozen.images;
    }),
  );
  // Chunks 0 and 3, 1 and 4 (which is short), and 2.
  expect(parts).toEqual([128, 108, 64]);
  expect(await chunksIn(shared)).toEqual(await chunksIn(alone));
  const reader = counting([WIDTH]);
  expect(await sameRows(await opened(shared, items, reader))).toBe(true);
  expect(reader.images).toBe(0);
  const [entry] = await listEntries(shared);
  expect([entry?.images, entry?.done]).toEqual([300, 300]);
  expect(await removeActivations(entry as NonNullable<typeof entry>, shared)).toBe(true);
});

test("progress counts the images of the share that are written", async () => {
  const store = memoryStore();
  const seen: (readonly [done: number, total: number, written: number])[] = [];
  const onProgress = ({ done, total }: { done: number; total: number }) => void seen.push([done, total, writes]);
  let writes = 0;
  const counted: Store = {
    ...store,
    async put(key, bytes) {
      await store.put(key, bytes);
      if (CHUNK.test(key)) writes++;
    },
  };
  await opened(counted, items, counting([WIDTH]), { share: { shard: 2, shards: 3 }, onProgress });
  expect(seen).toEqual([
    [0, 108, 0],
    [64, 108, 1],
    [108, 108, 2],
  ]);
});

test("a share again computes what is missing of it alone, and the reader the shares that never ran", async () => {
  const store = memoryStore();
  await opened(store, items, counting([WIDTH]), { share: { shard: 1, shards: 3 } });
  const [first] = [...(await chunksIn(store)).keys()] as [string];
  await store.delete(first);
  const again = counting([WIDTH]);
  await opened(store, items, again, { share: { shard: 1, shards: 3 } });
  expect(again.images).toBe(64);
  const reader = counting([WIDTH]);
  expect(await sameRows(await opened(store, items, reader))).toBe(true);
  expect(reader.images).toBe(300 - 128);
});
