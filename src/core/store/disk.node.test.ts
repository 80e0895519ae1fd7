// The store in a folder: the contract of all stores, and what is specific to a disk.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
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
  expect(readdirSync(root).filter((name) => /tmp$|old$/.test(name))).toEqual([]);
});

test("a process that is killed in the middle of an exchange loses nothing: reading and replacing put the old values back", async () => {
  const folder = freshFolder();
  const store = diskStore(folder);
  await store.replace(new Map([["a", "old"]]));
  renameSync(folder, `${folder}.thaw-old`);
  expect(String(Buffer.from((await store.get("a")) ?? []))).toBe("old");
  renameSync(folder, `${folder}.thaw-old`);
  const broken = {
    [Symbol.iterator]: () => {
      throw new Error("no more");
    },
  };
  await expect(store.replace(new Map([["a", broken]]))).rejects.toThrow("no more");
  expect(await store.stat("a")).toMatchObject({ bytes: 3 });
  // A folder of the same kind of name that a person made is no part of this.
  mkdirSync(`${folder}.old`);
  writeFileSync(join(`${folder}.old`, "mine"), "mine");
  await store.replace(new Map([["b", "new"]]));
  expect([readdirSync(folder), readdirSync(`${folder}.old`), existsSync(`${folder}.thaw-old`)]).toEqual([["b"], ["mine"], false]);
});

test("two processes that replace the same folder at once leave one of the two, whole", async () => {
  const folder = freshFolder();
  const pairs = Array.from(
    { length: 6 },
    (_, i) =>
      new Map([
        ["a", `${i}`],
        ["b", `${i}`],
      ]),
  );
  await Promise.allSettled(pairs.map((pair) => diskStore(folder).replace(pair)));
  expect(readdirSync(folder).toSorted()).toEqual(["a", "b"]);
  expect(readFileSync(join(folder, "a"), "utf8")).toBe(readFileSync(join(folder, "b"), "utf8"));
});

test("a value that cannot be read is named, with the cause and the cure", async ({ skip }) => {
  const folder = freshFolder();
  mkdirSync(folder);
  symlinkSync("loop", join(folder, "loop"));
  const store = diskStore(folder);
  for (const work of [() => store.get("loop"), () => store.getRange("loop", 0, 1), () => store.stat("loop"), () => store.list("loop/")])
    await expect(work()).rejects.toEqual(
      expect.objectContaining({
        name: "UsageError",
        message: expect.stringMatching(/^Cannot read .*loop\/?: its links lead in a circle$/),
        hint: "Check the path.",
      }),
    );
  if (process.getuid?.() === 0) return skip("root may read everything");
  writeFileSync(join(folder, "secret"), "", { mode: 0 });
  await expect(store.get("secret")).rejects.toThrow(`Cannot read ${join(folder, "secret")}: no permission`);
});
