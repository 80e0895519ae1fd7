// A disk that fills while activations are written: a small one in memory, which only root may mount; skipped elsewhere.

import { execFileSync } from "node:child_process";
import { statfsSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { allRows, counting, expectedRows, numbered, opened } from "../../../../test/fixtures/synthetic.ts";
import { temporaryFolder } from "../../../../test/learner/tiny.ts";
import { MemoryBudget } from "./memory-budget.ts";

let disk: string;
let mounted = false;

beforeAll(async () => {
  disk = await temporaryFolder();
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=24m", "thaw-test", disk], { stdio: "ignore" });
    mounted = true;
  } catch {
    return undefined; // Not root, or another system.
  }
  return () => void execFileSync("umount", [disk]);
});

/** Takes all the room that is left on the disk. */
function fill(): string {
  const file = join(disk, "filler");
  const { bavail, bsize } = statfsSync(disk);
  writeFileSync(file, new Uint8Array(bavail * bsize));
  onTestFinished(() => rm(file, { force: true }));
  return file;
}

test("a disk that fills is named, what was written stays, and the next run computes the rest", async ({ skip }) => {
  if (!mounted) skip("no disk could be mounted");
  const items = numbered(256); // 4 chunks of 4 MiB
  const filling = counting([16_384]);
  let filler = "";
  let written = 0;
  const onProgress = ({ done }: { done: number }): void => {
    written = done;
  };
  const run = async (pixels: Parameters<typeof filling.run>[0]) => {
    if (filling.images === 128) {
      // The second chunk is being written while the third is computed.
      await vi.waitFor(() => expect(written).toBe(128));
      filler = fill();
    }
    return filling.run(pixels);
  };
  await expect(opened(disk, items, { ...filling, run }, { onProgress })).rejects.toMatchObject({
    message: expect.stringMatching(/^Cannot write .*(c\.2\.0|chunks\.crc32c): the disk is full$/),
    hint: "Free some space, or choose a folder on another disk.",
  });
  await rm(filler);
  const rest = counting([16_384]);
  const activations = await opened(disk, items, rest);
  expect(rest.images).toBe(128);
  const wanted = Buffer.from(expectedRows(256, 16_384).buffer);
  expect(wanted.equals(Buffer.from((await allRows(activations, 256)).buffer))).toBe(true);
  fill();
  // Nothing has to be written to read what is there.
  const none = counting([16_384]);
  const read = await allRows(await opened(disk, items, none, { budget: new MemoryBudget(0) }), 256);
  expect(wanted.equals(Buffer.from(read.buffer))).toBe(true);
  expect(none.images).toBe(0);
});
