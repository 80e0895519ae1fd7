// A scan of very many files: they wait for their turn in the list alone.

import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
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
  expect(found).toEqual(Array(count).fill({ error: "file not found" }));
});
