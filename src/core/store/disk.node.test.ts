// The store in a folder: the contract of all stores, and what is specific to a disk.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { storeContract } from "../../../test/contract/store.ts";
import { diskStore } from "./disk.node.ts";

const root = mkdtempSync(join(tmpdir(), "thaw-store-"));
afterAll(() => rmSync(root, { recursive: true }));

let made = 0;
const freshFolder = (): string => join(root, `${made++}`);

describe("the contract", () => storeContract(async () => diskStore(freshFolder())));

test("keys are paths below the folder, which the first put creates", async () => {
  const folder = freshFolder();
  const store = diskStore(folder);
  expect([store.locate(), store.locate("a/b")]).toEqual([folder, join(folder, "a", "b")]);
  expect(await store.list("")).toEqual([]);
  expect(existsSync(folder)).toBe(false);
  await store.put("a/b", "text");
  expect(readFileSync(join(folder, "a", "b"), "utf8")).toBe("text");
});

test("deleting a folder's last value deletes the folder, but not its parent, nor a folder that holds other files", async () => {
  const folder = freshFolder();
  const store = diskStore(folder);
  await store.put("a/b/c", "text");
  await store.put("a/d/e", "text");
  writeFileSync(join(folder, "mine"), "mine");
  symlinkSync(join(folder, "mine"), join(folder, "a", "d", "link"));
  await store.delete("a/b/c");
  await store.delete("a/d/e");
  expect(readdirSync(join(folder, "a"))).toEqual(["d"]);
  await store.delete("mine");
  expect(readdirSync(folder)).toEqual(["a"]);
});

test("a list contains no links or folders", async () => {
  const folder = freshFolder();
  const store = diskStore(folder);
  await store.put("outside/secret", "text");
  mkdirSync(join(folder, "a", "empty"), { recursive: true });
  symlinkSync(join(folder, "outside"), join(folder, "a", "folder"));
  symlinkSync(join(folder, "outside", "secret"), join(folder, "a", "file"));
  expect(await store.list("a/")).toEqual([]);
  expect(await store.stat("a/empty")).toBeUndefined();
});

test("the error names what is in the way", async () => {
  const folder = freshFolder();
  const store = diskStore(folder);
  await store.put("file", "text");
  await store.put("folder/file", "text");
  await expect(store.put("file/below", "")).rejects.toThrow(`Cannot write ${join(folder, "file")}: a file is where a folder should be`);
  await expect(store.put("folder", "")).rejects.toThrow(`Cannot write ${join(folder, "folder")}: it is a folder`);
  await expect(diskStore(join(folder, "file", "x")).replace(new Map([["a", ""]]))).rejects.toThrow("a file is where a folder should be");
});

test("if the disk fills up during a write, the old value stays", async ({ skip }) => {
  const folder = freshFolder();
  mkdirSync(folder);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "thaw-test", folder], { stdio: "ignore" });
  } catch {
    return skip("no disk could be mounted"); // Without root's rights, or on another system.
  }
  try {
    const store = diskStore(folder);
    await store.put("a", "old");
    await expect(store.put("a", new Uint8Array(2 ** 21))).rejects.toThrow(`Cannot write ${join(folder, "a")}: the disk is full`);
    expect(readdirSync(folder)).toEqual(["a"]);
    expect(readFileSync(join(folder, "a"), "utf8")).toBe("old");
  } finally {
    execFileSync("umount", [folder]);
  }
});

test("a folder whose name ends with a slash is replaced too", async () => {
  const folder = freshFolder();
  await diskStore(`${folder}/`).replace(new Map([["a", "1"]]));
  await diskStore(`${folder}/`).replace(new Map([["b", "2"]]));
  expect(readdirSync(folder)).toEqual(["b"]);
  expect(readdirSync(root).filter((name) => /\.(new|old)$/.test(name))).toEqual([]);
});
