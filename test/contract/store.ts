// The contract of stores (src/core/store/store.ts) as tests, for every platform's store.

import { expect, test } from "vitest";
import { UsageError } from "../../src/core/errors.ts";
import type { Store } from "../../src/core/store/store.ts";

/** Tests the stores that `open` returns, each of which must be empty. */
export function storeContract(open: () => Promise<Store>): void {
  test("a put value is stored as bytes, text or pieces of text, and replaces the old one", async () => {
    const store = await open();
    await store.put("a", "grün");
    expect(await textOf(store, "a")).toBe("grün");
    // A part of a larger buffer, which must not be stored as a whole.
    await store.put("b/c/d", Uint8Array.of(1, 2, 3, 4).subarray(1, 3));
    expect([...((await store.get("b/c/d")) ?? [])]).toEqual([2, 3]);
    await store.put("a", ["one, ", "", "two"]);
    expect(await textOf(store, "a")).toBe("one, two");
    await store.put("a", "");
    expect(await textOf(store, "a")).toBe("");
  });

  test("a missing value is undefined, also below another value and for a prefix of other keys", async () => {
    const store = await open();
    await store.put("a/b", "text");
    for (const key of ["b", "a", "a/c", "a/b/c"]) {
      expect(await store.get(key)).toBeUndefined();
      expect(await store.getRange(key, 0, 4)).toBeUndefined();
      expect(await store.stat(key)).toBeUndefined();
      expect(store.readSync?.(key, 0, new Uint8Array(1)) ?? false).toBe(false);
      await store.delete(key === "a" ? "b" : key);
    }
    expect(await textOf(store, "a/b")).toBe("text");
  });

  test("a range has only the bytes that exist", async () => {
    const store = await open();
    await store.put(
      "a",
      Uint8Array.from({ length: 100 }, (_, i) => i),
    );
    const range = async (start: number, length: number) => [...((await store.getRange("a", start, length)) ?? [])];
    expect(await range(0, 3)).toEqual([0, 1, 2]);
    expect(await range(40, 2)).toEqual([40, 41]);
    expect(await range(98, 5)).toEqual([98, 99]);
    expect(await range(100, 5)).toEqual([]);
    expect(await range(1000, 5)).toEqual([]);
  });

  test("reading a range synchronously fills the buffer or returns false", async ({ skip }) => {
    const store = await open();
    if (!store.readSync) return skip("this store has none");
    await store.put("a", new Uint8Array(Float32Array.of(1, 2, 3).buffer));
    const row = new Float32Array(2);
    expect(store.readSync("a", 4, row)).toBe(true);
    expect([...row]).toEqual([2, 3]);
    expect(store.readSync("a", 8, row)).toBe(false);
  });

  test("size and date are those of the last put", async () => {
    const store = await open();
    const before = Date.now();
    await store.put("a/b", "text");
    const found = await store.stat("a/b");
    expect(found).toMatchObject({ key: "a/b", bytes: 4 });
    // File systems round dates, some to two seconds.
    expect(Math.abs((found?.modified ?? 0) - before)).toBeLessThan(5000);
    await store.put("a/b", "longer text");
    expect(await store.stat("a/b")).toMatchObject({ bytes: 11 });
  });

  test("a list has all values with the prefix, at any depth, with size and date", async () => {
    const store = await open();
    for (const key of ["a/b", "a/bc/d", "a/c", "ab", "b"]) await store.put(key, key);
    const keys = async (prefix: string) => (await store.list(prefix)).map(({ key }) => key).sort();
    expect(await keys("")).toEqual(["a/b", "a/bc/d", "a/c", "ab", "b"]);
    expect(await keys("a")).toEqual(["a/b", "a/bc/d", "a/c", "ab"]);
    expect(await keys("a/")).toEqual(["a/b", "a/bc/d", "a/c"]);
    expect(await keys("a/b")).toEqual(["a/b", "a/bc/d"]);
    expect(await keys("c")).toEqual([]);
    expect(await keys("c/d/")).toEqual([]);
    expect(await keys("b/")).toEqual([]);
    expect(await store.list("ab")).toEqual([await store.stat("ab")]);
  });

  test("delete removes only its value, which can be put again", async () => {
    const store = await open();
    for (const key of ["a/b", "a/c", "d"]) await store.put(key, key);
    await store.delete("a/b");
    expect((await store.list("")).map(({ key }) => key).sort()).toEqual(["a/c", "d"]);
    await store.delete("a/c");
    await store.delete("a/c");
    expect((await store.list("")).map(({ key }) => key)).toEqual(["d"]);
    await store.put("a/c", "again");
    expect(await textOf(store, "a/c")).toBe("again");
  });

  test("of several creations of a value at once, one succeeds and its value stays", async () => {
    const store = await open();
    const made = await Promise.all(Array.from({ length: 8 }, async (_, i) => ((await store.create("a/b", `${i}`)) ? [`${i}`] : [])));
    expect(made.flat()).toEqual([await textOf(store, "a/b")]);
    await store.delete("a/b");
    expect(await store.create("a/b", "again")).toBe(true);
    expect(await textOf(store, "a/b")).toBe("again");
  });

  test("replace replaces everything", async () => {
    const store = await open();
    await store.replace(new Map([["a", "1"]]));
    await store.put("b/c", "2");
    await store.replace(
      new Map<string, string | Uint8Array>([
        ["d/e", Uint8Array.of(3)],
        ["a", "4"],
      ]),
    );
    expect((await store.list("")).map(({ key }) => key).sort()).toEqual(["a", "d/e"]);
    expect(await textOf(store, "a")).toBe("4");
  });

  test("if a value's pieces fail, the old value stays, and nothing else is left behind", async () => {
    const store = await open();
    await store.put("a/b", "old");
    await store.put("c", "old");
    const broken = function* (): Generator<string> {
      yield "new".repeat(100_000);
      throw new Error("no more");
    };
    await expect(store.put("a/b", broken())).rejects.toThrow("no more");
    await expect(
      store.replace(
        new Map<string, string | Iterable<string>>([
          ["c", "new"],
          ["d", broken()],
        ]),
      ),
    ).rejects.toThrow("no more");
    expect((await store.list("")).map(({ key }) => key).sort()).toEqual(["a/b", "c"]);
    expect([await textOf(store, "a/b"), await textOf(store, "c")]).toEqual(["old", "old"]);
  });

  test("of many concurrent puts one wins as a whole, and readers always find a whole value", async () => {
    const store = await open();
    const values = Array.from({ length: 8 }, (_, i) => `${i}`.repeat(50_000));
    await store.put("a", values[0] as string);
    const seen: (string | undefined)[] = [];
    const puts = values.map(async (value) => {
      await store.put("a", value);
      seen.push(await textOf(store, "a"));
    });
    await Promise.all(puts);
    expect(seen.filter((value) => !values.includes(value ?? ""))).toEqual([]);
    expect((await store.list("")).map(({ key }) => key)).toEqual(["a"]);
  });

  test("concurrent puts and deletes do not disturb each other", async () => {
    const store = await open();
    const work = Array.from({ length: 20 }, async (_, i) => {
      await store.put(`a/${i}`, "text");
      await store.delete(`a/${i}`);
    });
    await Promise.all(work);
    expect(await store.list("")).toEqual([]);
  });

  test.each(["", "/a", "a/", "a//b", ".", "..", "../a", "a/../../b", "a/./b", "a\\b", "..\\a", "a\0b"])(
    "%j is not a valid key",
    async (key) => {
      const store = await open();
      const refused = expect.objectContaining({ name: "UsageError", message: expect.stringContaining("for a key but received") });
      for (const work of [
        () => store.get(key),
        () => store.getRange(key, 0, 1),
        () => store.stat(key),
        () => store.put(key, "text"),
        () => store.delete(key),
        () => store.replace(new Map([[key, "text"]])),
        async () => store.readSync?.(key, 0, new Uint8Array(1)) ?? Promise.reject(new UsageError("Expected names for a key but received")),
      ])
        await expect(work()).rejects.toEqual(refused);
    },
  );

  test.each(["/", "../", "a/../", "../a", "a//", "a\\"])("%j is not a valid prefix", async (prefix) => {
    const store = await open();
    await expect(store.list(prefix)).rejects.toThrow(UsageError);
  });
}

async function textOf(store: Store, key: string): Promise<string | undefined> {
  const bytes = await store.get(key);
  return bytes && new TextDecoder().decode(bytes);
}
