import { statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { freeSpace } from "./disk-space.node.ts";

test("a folder that does not exist yet has the space of the disk that it would be created on", async () => {
  const { blocks, bsize } = statfsSync(tmpdir());
  const free = (await freeSpace(join(tmpdir(), "thaw-none", "below", "it"))) as number;
  expect(free).toBeGreaterThan(0);
  expect(free).toBeLessThanOrEqual(blocks * bsize);
});

test("the space for a path that leads through a file is unknown", async () => {
  expect(await freeSpace(join(import.meta.filename, "below"))).toBeUndefined();
});
