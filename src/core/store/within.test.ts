// A part of a store: the contract of all stores, and what it leaves alone of the rest.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { memoryStore } from "../../../test/contract/memory-store.ts";
import { storeContract } from "../../../test/contract/store.ts";
import { diskStore } from "./disk.node.ts";
import { within } from "./within.ts";

const root = mkdtempSync(join(tmpdir(), "thaw-within-"));
afterAll(() => rmSync(root, { recursive: true }));

describe("the contract, in memory", () => storeContract(async () => within(memoryStore(), "a/b")));
describe("the contract, on a disk", () => storeContract(async () => within(diskStore(mkdtempSync(join(root, "store-"))), "a")));

test("its values are those of the whole below the folder, and replacing them leaves the others", async () => {
  const whole = memoryStore();
  await whole.put("a", "mine");
  await whole.put("ab/c", "mine");
  const part = within(whole, "a.run");
  await part.put("old", "1");
  expect(part.locate("old")).toBe("memory/a.run/old");
  await part.replace(new Map([["new", "2"]]));
  expect((await whole.list("")).map(({ key }) => key).sort()).toEqual(["a", "a.run/new", "ab/c"]);
  await expect(part.get("../a")).rejects.toThrow("a key");
});
