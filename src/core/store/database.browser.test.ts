// The store in IndexedDB, in a real browser.

import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { cdp } from "vitest/browser";
import { storeContract } from "../../../test/contract/store.ts";
import { databaseStore } from "./database.browser.ts";
import { storage } from "./storage.browser.ts";

const NAME = "thaw-test";
let made = 0;
const fresh = (): string => `test/${made++}`;

beforeEach(() => databaseStore("", NAME).replace(new Map()));
afterEach(() => databaseStore("", NAME).replace(new Map()));

describe("the contract", () => storeContract(async () => databaseStore(fresh(), NAME)));

test("a store in a folder of another's holds the same values, and leaves those beside it alone", async () => {
  const [outer, inner] = [databaseStore("models", NAME), databaseStore("./models//pets/", NAME)];
  await outer.put("pets/model.json", "text");
  await outer.put("pets2/model.json", "other");
  expect(await inner.get("model.json")).toEqual(new TextEncoder().encode("text"));
  expect(inner.locate("model.json")).toBe("models/pets/model.json");
  await inner.replace(new Map([["new.json", "text"]]));
  expect((await outer.list("")).map(({ key }) => key)).toEqual(["pets/new.json", "pets2/model.json"]);
  expect(() => databaseStore("a/../../b", NAME)).toThrow("The folder a/../../b leads out of the browser's storage");
});

test("a long value is read in parts, and one in memory that threads share can be stored", async () => {
  const store = databaseStore(fresh(), NAME);
  const bytes = new Uint8Array(new SharedArrayBuffer(300_000)).map((_, i) => i % 251);
  await store.put("long", bytes);
  expect(await store.getRange("long", 250_000, 4)).toEqual(Uint8Array.of(...[0, 1, 2, 3].map((i) => (250_000 + i) % 251)));
  expect((await store.get("long"))?.length).toBe(300_000);
  expect(await storage.hash(bytes)).toBe(await storage.hash(new Uint8Array([...bytes])));
});

test("a value whose file is gone because it was replaced meanwhile is looked for again, and one that stays unreadable is named", async () => {
  const store = databaseStore("read", NAME);
  await store.put("long", new Uint8Array(100_000).fill(1));
  const gone = new DOMException("The requested file could not be read", "NotReadableError");
  const reading = vi.spyOn(Blob.prototype, "arrayBuffer");
  onTestFinished(() => reading.mockRestore());
  reading.mockImplementationOnce(async () => {
    await store.put("long", new Uint8Array(100_000).fill(2));
    throw gone;
  });
  expect((await store.get("long"))?.[0]).toBe(2);
  reading.mockRejectedValue(gone);
  await expect(store.getRange("long", 5, 1)).rejects.toThrow("Cannot read read/long in the browser's storage: The requested file");
});

test("a store goes on after the browser has closed its database, and after another tab has deleted it", async () => {
  const store = databaseStore("a", `${NAME}-deleted`);
  await store.put("b", "text");
  await new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(`${NAME}-deleted`);
    request.onsuccess = resolve;
    request.onerror = reject;
  });
  expect(await store.get("b")).toBeUndefined();
  await store.put("b", "again");
  expect((await store.stat("b"))?.bytes).toBe(5);
  indexedDB.deleteDatabase(`${NAME}-deleted`);
});

test("names are folders of the storage, addresses stay addresses, and nothing is written to those", async () => {
  for (const address of ["/models/pets", "./pets", "../pets", "https://example.org/pets", "blob:https://example.org/1"]) {
    expect(storage.reader(address)).not.toHaveProperty("put");
    expect(() => storage.open(address)).toThrow(`${address} is an address, to which nothing can be written`);
  }
  await storage.open("thaw-test/models/pets").put("model.json", "text");
  expect(await storage.reader("thaw-test/models/pets").get("model.json")).toEqual(new TextEncoder().encode("text"));
  const { store, key } = storage.fileReader("thaw-test/models/pets/model.json");
  expect([store.locate(key), (await store.get(key))?.length]).toEqual(["thaw-test/models/pets/model.json", 4]);
  await storage.open("thaw-test").replace(new Map());
  expect([storage.cacheFor("photos/pets"), storage.cacheFor("pets")]).toEqual(["photos/.thaw/pets", ".thaw/pets"]);
});

test("where the storage is full, a write says what and how full, and what was there stays", { timeout: 90_000 }, async () => {
  const store = databaseStore("full", NAME);
  expect(await store.freeSpace?.()).toBeGreaterThan(1_000_000);
  await store.put("old", "text");
  const browser = cdp() as { send(method: string, options: Readonly<Record<string, unknown>>): Promise<unknown> };
  const { usage = 0 } = await navigator.storage.estimate();
  await browser.send("Storage.overrideQuotaForOrigin", { origin: location.origin, quotaSize: usage + 1_000_000 });
  onTestFinished(async () => void (await browser.send("Storage.overrideQuotaForOrigin", { origin: location.origin })));
  const long = new Uint8Array(2_000_000);
  // Chromium remembers for 30 seconds how much room there was.
  await expect
    .poll(() => store.put("new", long).catch((error: Error) => error.name), { timeout: 60_000, interval: 1000 })
    .toBe("UsageError");
  const refused = expect.objectContaining({
    name: "UsageError",
    message: expect.stringMatching(/^Cannot write full\S*: the browser's storage for this page is full; it holds .*(B|bytes)$/),
    hint: expect.stringContaining("Delete models or caches"),
  });
  await expect(store.put("old", long)).rejects.toEqual(refused);
  await expect(store.create("newer", "long".repeat(500_000))).rejects.toEqual(refused);
  await expect(store.replace(new Map([["old", long]]))).rejects.toEqual(refused);
  expect(await store.get("old")).toEqual(new TextEncoder().encode("text"));
  expect((await store.list("")).map(({ key }) => key).sort()).toEqual(["new", "old"]);
});
