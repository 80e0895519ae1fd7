import { statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { freeSpace } from "./disk-space.node.ts";

test("a folder that is not there yet has the room of the disk that it would be made on", async () => {
  const { blocks, bsize } = statfsSync(tmpdir());
  const free = (await freeSpace(join(tmpdir(), "thaw-none", "below", "it"))) as number;
  expect(free).toBeGreaterThan(0);
  expect(free).toBeLessThanOrEqual(blocks * bsize);
});

test("a path that leads through a file has no room that could be known", async () => {
  expect(await freeSpace(join(import.meta.filename, "below"))).toBeUndefined();
});
