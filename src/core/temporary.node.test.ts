// What a killed process left unfinished is deleted by the next one; what belongs to a running one, or to a person, stays.

import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { writeFile } from "./files.node.ts";
import { diskStore } from "./store/disk.node.ts";
import { hasEnded, ownerName, withTemporary } from "./temporary.node.ts";

// No process has the highest possible number.
const host = hostname().replace(/[^\w-]/g, "-");
const ended = `${host}.4194304.0`;

function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "thaw-temporary-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

test("a write deletes what ended processes left, and nothing else", async () => {
  const folder = freshFolder();
  writeFileSync(join(folder, `.thaw-${ended}.0.tmp`), "half");
  mkdirSync(join(folder, `.thaw-${ended}.1.tmp`));
  writeFileSync(join(folder, `.thaw-${ended}.1.tmp`, "model.json"), "half");
  // From an earlier process that had the number of this one, as in a container.
  writeFileSync(join(folder, `.thaw-${ownerName()}.999999.tmp`), "half");
  const others = [`.thaw-${host}.${process.ppid}.0.0.tmp`, ".thaw-elsewhere.4194304.0.0.tmp", ".thaw-notes.tmp", "a.tmp"];
  for (const name of others) writeFileSync(join(folder, name), "");
  await writeFile(join(folder, "model.bin"), "whole");
  expect(readdirSync(folder).toSorted()).toEqual([...others, "model.bin"].toSorted());
});

test("a list deletes them too, and shows none", async () => {
  const folder = freshFolder();
  const store = diskStore(folder);
  await store.put("entry/value", "text");
  writeFileSync(join(folder, "entry", `.thaw-${ended}.0.tmp`), "half");
  const running = `.thaw-${host}.${process.ppid}.0.0.tmp`;
  writeFileSync(join(folder, "entry", running), "half");
  expect((await store.list("")).map(({ key }) => key)).toEqual(["entry/value"]);
  expect(readdirSync(join(folder, "entry")).toSorted()).toEqual([running, "value"]);
});

test("a temporary file of this thread stays as long as the work on it", async () => {
  const folder = freshFolder();
  await withTemporary(folder, async (path) => {
    writeFileSync(path, "half");
    await writeFile(join(folder, "other"), "");
    await diskStore(folder).list("");
    expect(readdirSync(folder)).toHaveLength(2);
  });
  expect(readdirSync(folder)).toEqual(["other"]);
});

test("a process has ended if it ran on this machine and its number is free", () => {
  expect([ended, ownerName(), "elsewhere.4194304.0", host].map(hasEnded)).toEqual([true, false, false, false]);
});
