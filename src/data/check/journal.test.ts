// The journal of a check: what is added comes back, and damage costs only the lines it hit.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { IMAGE_FORMATS } from "../decode/file-names.ts";
import type { Inspection } from "../load/inspect.ts";
import { type Entry, openJournal } from "./journal.ts";

function place(): string {
  const root = mkdtempSync(join(tmpdir(), "journal-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  return join(root, "new", "check.jsonl");
}

const good: Entry = {
  name: "cats/ü.jpg",
  length: 10,
  changed: 1.5,
  found: { hash: "0".repeat(64), width: 3, height: 2, format: "JPEG", thumbnail: Buffer.alloc(256, 7).toString("base64") },
};
const bad: Entry = { name: "cats/2.jpg", length: 0, changed: 2, found: { error: "empty file" } };

async function write(path: string, ...entries: Entry[]): Promise<void> {
  const journal = await openJournal(dirname(path), basename(path));
  for (const entry of entries) await journal.add(entry);
  await journal.close();
}

async function known(path: string): Promise<Entry[]> {
  const journal = await openJournal(dirname(path), basename(path));
  await journal.close();
  return [...journal.known.values()];
}

test("what is added is known at the next opening, the last of each name", async () => {
  const path = place();
  await write(path, good, bad);
  expect(await known(path)).toEqual([good, bad]);
  await write(path, { ...good, length: 11 });
  expect(await known(path)).toEqual([{ ...good, length: 11 }, bad]);
});

test("images of every kind that is read are remembered", async () => {
  const path = place();
  const each = IMAGE_FORMATS.map((format): Entry => ({ ...good, name: format, found: { ...(good.found as Inspection), format } }));
  await write(path, ...each);
  expect(await known(path)).toEqual(each);
});

test("a journal cut at any byte keeps the lines before the cut, and can be added to", async () => {
  const path = place();
  await write(path, bad, good);
  const whole = readFileSync(path);
  const first = whole.indexOf("\n") + 1;
  for (const cut of [0, 1, first - 1, first, first + 1, whole.length - 2]) {
    writeFileSync(path, whole.subarray(0, cut));
    const left = cut >= first - 1 ? [bad] : [];
    expect(await known(path)).toEqual(left);
    const added = { ...good, name: "added" };
    await write(path, added);
    expect(await known(path)).toEqual([...left, added]);
  }
});

test("lines of another version, of other content or of none are passed by", async () => {
  const path = place();
  await write(path, good);
  const line = readFileSync(path, "utf8");
  writeFileSync(path, `${line.replace(/"version":\d+/, '"version":0')}[]\nnull\n\u0000\n${line.replace('"width":3', '"width":-3')}`);
  expect(await known(path)).toEqual([]);
});

test("more than fits one write arrives in order", async () => {
  const path = place();
  const many = Array.from({ length: 200 }, (_, i) => ({ ...bad, name: `${i}` }));
  await write(path, ...many);
  expect(await known(path)).toEqual(many);
});
