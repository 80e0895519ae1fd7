// Scans: of very many files, which wait for their turn in the list alone, and of files with names that mean something to JavaScript.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { counted } from "../../../test/data/counted.ts";
import { closePool } from "./loader.ts";
import { defaultWorkers } from "./pool.node.ts";
import { scanItems } from "./scan.ts";

afterAll(closePool);

test("two files for each worker thread are in hand at a time, however many there are", async () => {
  const count = 20 * defaultWorkers();
  const folder = join(tmpdir(), "thaw-none");
  const items = counted(Array.from({ length: count }, (_, i) => ({ file: join(folder, `${i}.jpg`), name: `${i}.jpg`, label: 0 })));
  const ahead: number[] = [];
  const found = await scanItems(items.list, { onProgress: ({ done }) => ahead.push(items.taken() - done + 1) });
  expect(ahead).toHaveLength(count);
  expect(Math.max(...ahead)).toBeLessThanOrEqual(2 * defaultWorkers());
  expect(found).toEqual(Array(count).fill({ error: "file not found", passing: true }));
});

test("files of any name are remembered", async () => {
  const root = mkdtempSync(join(tmpdir(), "thaw-scan-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const names = ["2", "1", "__proto__", "constructor"];
  const png = await sharp({ create: { width: 4, height: 4, channels: 3, background: "red" } })
    .png()
    .toBuffer();
  for (const name of names) writeFileSync(join(root, name), png);
  const items = names.map((name) => ({ file: join(root, name), name, label: 0 }));
  const cache = join(root, "cache");
  const first = await scanItems(items, { cache });
  const stored = join(cache, readdirSync(cache)[0]!);
  const text = readFileSync(stored, "utf8");
  expect(JSON.parse(text).entries.map(([name]: [string]) => name)).toEqual(names);
  // What is found is what was stored: a width written there is not the files'.
  writeFileSync(stored, text.replaceAll(",4,4]", ",5,4]"));
  expect(await scanItems(items, { cache })).toEqual(first.map((facts) => ({ ...facts, width: 5 })));
});
