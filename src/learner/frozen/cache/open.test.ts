// The cache of activations: what is in it, when it is used again, and what becomes of it when files are damaged, missing or in the way.

import { execFileSync } from "node:child_process";
import { mkdir, readdir, readFile, rename, rm, stat, truncate, utimes } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import * as zarr from "zarrita";
import { memoryStore } from "../../../../test/contract/memory-store.ts";
import { allRows, counting, expectedRows, numbered, onePixel, opened } from "../../../../test/fixtures/synthetic.ts";
import { temporaryFolder } from "../../../../test/learner/tiny.ts";
import { writeFile } from "../../../core/files.node.ts";
import { hashBytes } from "../../../core/hash.ts";
import { listEntries } from "./list.ts";
import { MemoryBudget } from "./memory-budget.ts";

const items = numbered(300);

/** The one entry of a cache. */
async function entryOf(folder: string): Promise<string> {
  const names = await readdir(join(folder, "activations"));
  expect(names).toHaveLength(1);
  return join(folder, "activations", names[0] as string);
}

test("rows come back in the order asked for, computed once, in as many dimensions as cross the cut", async () => {
  const folder = await temporaryFolder();
  const frozen = counting([2, 3, 1]);
  const activations = await opened(folder, items, frozen);
  const { shape, data } = await activations.rows([299, 0, 0, 255]);
  expect(shape).toEqual([4, 2, 3, 1]);
  expect([data[0], data[6], data[12], data[18]]).toEqual([299, 0, 0, 255]);
  expect(await allRows(await opened(folder, items, frozen), 300)).toEqual(expectedRows(300, 6));
  expect(frozen.images).toBe(300);
});

test("chunks hold at most 256 rows and, of more than one row, 4 MiB", async () => {
  for (const [itemShape, files] of [
    [[4], 2], // 300 rows of 16 bytes: by 256
    [[16_384], 5], // of 64 KiB: by 64
    [[2 ** 21], 3], // of 8 MiB: one by one
  ] as const) {
    const folder = await temporaryFolder();
    await opened(folder, items.slice(0, itemShape[0] > 1e6 ? 3 : 300), counting(itemShape));
    expect((await readdir(await entryOf(folder))).filter((name) => name.startsWith("c."))).toHaveLength(files);
    await rm(folder, { recursive: true });
  }
});

test("an entry is an array of Zarr v3 that says what it is, with crc32c after each chunk", async () => {
  const folder = await temporaryFolder();
  await opened(folder, items, counting([4]));
  const entry = await entryOf(folder);
  const metadata = JSON.parse(await readFile(join(entry, "zarr.json"), "utf8"));
  expect(metadata).toMatchObject({ zarr_format: 3, node_type: "array", shape: [300, 4], data_type: "float32" });
  expect(metadata.codecs.map(({ name }: { name: string }) => name)).toEqual(["bytes", "crc32c"]);
  expect(metadata.attributes.thaw).toMatchObject({ data: "/photos", part: "train", network: "counting", group: 1, transform: onePixel });
  // zarrita's own reader, through nothing of thaw.
  const array = await zarr.open.v3({ get: (key: string) => readFile(join(entry, key)) }, { kind: "array" });
  const part = (await zarr.get(array, [zarr.slice(254, 258), 0])) as { data: Float32Array };
  expect([...part.data]).toEqual([254, 255, 256, 257]);
});

test("sha256sum accepts the list of the rows' images, whatever their names", async () => {
  const folder = await temporaryFolder();
  const named = await Promise.all(
    ["plain.jpg", "back\\slash.jpg", "line\nbreak.jpg", "return\r.jpg", "späce .jpg"].map(async (name, i) => {
      await writeFile(join(folder, "photos", name), name);
      return { ...items[i]!, name, hash: hashBytes(Buffer.from(name)) };
    }),
  );
  await opened(folder, named, counting([4]));
  const list = join(await entryOf(folder), "files.sha256");
  const checked = execFileSync("sha256sum", ["--check", "--strict", list], { cwd: join(folder, "photos"), encoding: "utf8" });
  expect(checked.match(/: OK$/gm)).toHaveLength(5);
});

test("files that were renamed keep their activations, and the list gets their names", async () => {
  const folder = await temporaryFolder();
  const frozen = counting([4]);
  await opened(folder, items, frozen);
  await opened(
    folder,
    items.map((item) => ({ ...item, name: `renamed/${item.name}` })),
    frozen,
  );
  expect(frozen.images).toBe(300);
  const list = await readFile(join(await entryOf(folder), "files.sha256"), "utf8");
  expect(list.split("\n")[299]).toBe(`${items[299]?.hash}  renamed/train/299.png`);
});

test("whatever is not in memory is read from the disk, row by row, and is the same", async () => {
  const folder = await temporaryFolder();
  await opened(folder, items, counting([4]));
  const frozen = counting([4]);
  const activations = await opened(folder, items, frozen, { budget: new MemoryBudget(0) });
  expect(await allRows(activations, 300)).toEqual(expectedRows(300, 4));
  // Now each chunk was found whole once, and rows are read alone.
  expect(await allRows(activations, 300)).toEqual(expectedRows(300, 4));
  expect(frozen.images).toBe(0);
});

test("chunks that changed places, or come from another entry, are computed again, and so is one that is on no list", async () => {
  const folder = await temporaryFolder();
  const wanted = Buffer.from(expectedRows(300, 16_384).buffer);
  /** Opens the entry, reads all of it, and returns the number of images that were computed. */
  const computed = async (): Promise<number> => {
    const frozen = counting([16_384]); // 5 chunks of 64 rows
    const rows = await allRows(await opened(folder, items, frozen), 300);
    expect(wanted.equals(Buffer.from(rows.buffer))).toBe(true);
    return frozen.images;
  };
  expect(await computed()).toBe(300);
  const entry = await entryOf(folder);
  const [one, two] = [join(entry, "c.0.0"), join(entry, "c.1.0")];
  await rename(one, join(folder, "kept"));
  await rename(two, one);
  await rename(join(folder, "kept"), two);
  expect(await computed()).toBe(128);
  // A damaged list is as good as none.
  await truncate(join(entry, "chunks.crc32c"), 7);
  expect(await computed()).toBe(300);
  expect(await computed()).toBe(0);
});

test("what is deleted while it is used is computed again", async () => {
  const folder = await temporaryFolder();
  const frozen = counting([4]);
  const activations = await opened(folder, items, frozen, { budget: new MemoryBudget(0) });
  await rm(await entryOf(folder), { recursive: true });
  expect(await allRows(activations, 300)).toEqual(expectedRows(300, 4));
  expect(frozen.images).toBe(600);
});

test("writes that a killed run left unfinished are deleted by the next, and a running one's are left alone", async () => {
  const folder = await temporaryFolder();
  await opened(folder, items, counting([4]));
  const entry = await entryOf(folder);
  const host = hostname().replace(/[^\w-]/g, "-");
  // No process has the highest possible number.
  await writeFile(join(entry, `.thaw-${host}.4194304.0.7.tmp`), "half");
  const running = `.thaw-${host}.${process.ppid}.0.7.tmp`;
  await writeFile(join(entry, running), "half");
  await writeFile(join(entry, "notes.txt"), "a person's");
  await opened(folder, items, counting([4]));
  expect((await readdir(entry)).toSorted()).toEqual([running, "c.0.0", "c.1.0", "chunks.crc32c", "files.sha256", "notes.txt", "zarr.json"]);
});

test("each use sets the date of the metadata", async () => {
  const folder = await temporaryFolder();
  await opened(folder, items, counting([4]));
  const metadata = join(await entryOf(folder), "zarr.json");
  await utimes(metadata, 0, 0);
  await opened(folder, items, counting([4]));
  expect((await stat(metadata)).mtimeMs).toBeGreaterThan(0);
});

test("a store that only answers later holds the same, and lists it", async () => {
  const [store, frozen] = [memoryStore(), counting([4])];
  const budget = { budget: new MemoryBudget(0) };
  await opened(store, items, frozen);
  const activations = await opened(store, items, frozen, budget);
  for (const pass of ["chunk by chunk", "row by row"])
    expect([pass, await allRows(activations, 300)]).toEqual([pass, expectedRows(300, 4)]);
  expect(frozen.images).toBe(300);
  const [entry, ...others] = await listEntries(store);
  expect(others).toEqual([]);
  expect(entry).toMatchObject({ path: expect.stringMatching(/^memory\/activations\/[0-9a-f]{64}\.zarr$/), images: 300, done: 300 });
  const folder = await temporaryFolder();
  await opened(folder, items, counting([4]));
  const path = await entryOf(folder);
  // All but the date of use is the same as on a disk.
  const names = (await store.list("")).map(({ key }) => key.slice(key.lastIndexOf("/") + 1));
  expect(names.toSorted()).toEqual((await readdir(path)).toSorted());
  for (const { key } of await store.list("")) expect(await readFile(join(folder, key))).toEqual(Buffer.from((await store.get(key)) ?? []));
});

test("a cache in the place of a file says so", async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "file"), "");
  await expect(opened(join(folder, "file"), items, counting([4]))).rejects.toThrow("a file is where a folder should be");
});

test("what has no room on the disk is refused before anything is computed, and much is announced", async () => {
  const folder = await temporaryFolder();
  await expect(opened(folder, items, counting([2 ** 40]))).rejects.toMatchObject({
    message: expect.stringMatching(/^Activations of 300 images at 4\.4 TB each need 1\.3 PB, and .* has room for /),
    hint: expect.stringContaining("thaw cache"),
  });
  const warned: string[] = [];
  const some = opened(folder, items.slice(0, 64), counting([2 ** 22]), {
    onWarning: ({ message }) => void warned.push(message),
    onProgress: () => {
      throw new Error("begun");
    },
  });
  await expect(some).rejects.toThrow("begun");
  expect(warned).toEqual([`Activations of 64 images at 17 MB each will take 1.1 GB in ${folder}`]);
});

describe("damage", () => {
  let folder: string;
  let entry: string;
  const few = numbered(40);
  const whole = expectedRows(40, 4);

  beforeAll(async () => {
    folder = await temporaryFolder();
    await opened(folder, few, counting([4]));
    entry = await entryOf(folder);
  });

  test.each(["c.0.0", "zarr.json", "files.sha256"])("%s cut off at any byte is made whole again, with the same rows", async (name) => {
    const file = join(entry, name);
    const { size } = await stat(file);
    const before = await readFile(file);
    for (let length = 0; length < size; length += name === "files.sha256" ? 131 : 29) {
      await truncate(file, length);
      expect(await allRows(await opened(folder, few, counting([4])), 40)).toEqual(whole);
      expect(await readFile(file)).toEqual(before);
    }
  });

  test("a chunk with any byte changed is computed again", async () => {
    const file = join(entry, "c.0.0");
    const before = await readFile(file);
    for (let at = 0; at < before.length; at += 31) {
      const changed = Buffer.from(before);
      changed[at]! ^= 1 + (at % 255);
      await writeFile(file, changed);
      const frozen = counting([4]);
      expect(await allRows(await opened(folder, few, frozen), 40)).toEqual(whole);
      expect(frozen.images).toBe(40);
    }
    expect(await readFile(file)).toEqual(before);
  });

  test("a folder where a chunk should be says what is in the way", async () => {
    await rename(join(entry, "c.0.0"), join(entry, "away"));
    await mkdir(join(entry, "c.0.0", "x"), { recursive: true });
    await expect(opened(folder, few, counting([4])).then((activations) => activations.rows([0]))).rejects.toThrow("it is a folder");
    await rm(join(entry, "c.0.0"), { recursive: true });
  });
});
